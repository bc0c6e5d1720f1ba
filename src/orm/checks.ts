// What a value must be to be written: the checks of this package, somebody's own function, or a Standard Schema validator.
import { OptionError } from '../base/index.js'

/** What is wrong with a value. */
export interface Issue {
  readonly message: string
  /** Names of columns, fields and places, from the outside in. */
  readonly path: readonly PropertyKey[]
}

/** The part of Standard Schema that validation needs (https://standardschema.dev, version 1): zod, valibot, arktype and others have it. */
export interface StandardSchema<Value = unknown> {
  readonly '~standard': {
    readonly version: 1
    readonly vendor: string
    /** Checks one value, and may give another in its place. */
    readonly validate: (value: unknown) => StandardResult | Promise<StandardResult>
    readonly types?: { readonly input: Value; readonly output: unknown } | undefined
  }
}

/** What a Standard Schema validator answers. */
export type StandardResult =
  | { readonly value: unknown; readonly issues?: undefined }
  | { readonly issues: readonly { readonly message: string; readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined }[] }

/** Says what is wrong with a value: a text, or undefined for nothing. */
export type CheckFunction<Value = any> = (value: Value) => string | undefined | Promise<string | undefined>

/** Whatever validates values of a column. */
export type Check<Value = any> = CheckFunction<Value> | StandardSchema<Value>

/** The type that a literal is of. */
type Wide<T> = T extends string ? string : T extends number ? number : T extends bigint ? bigint : T extends boolean ? boolean : T

/** Texts (in characters), collections (in elements) and blobs (in bytes) of some length. */
export function lengthBetween(min: number, max: number): CheckFunction<string | { readonly length: number } | { readonly size: number }> {
  if (!(min >= 0 && max >= min)) throw new OptionError('min', `lengthBetween needs 0 <= min <= max, not ${min} and ${max}`)
  return (value) => {
    const length = typeof value === 'string' ? [...value].length : 'size' in value ? value.size : value.length
    return length >= min && length <= max ? undefined : `must have a length from ${min} to ${max}, not ${length}`
  }
}

/** Numbers, big integers and dates of some range, its ends included. */
export function between<T extends number | bigint | Date>(min: T, max: T): CheckFunction<Wide<T>> {
  if (!(min <= max)) throw new OptionError('min', `between needs min <= max, not ${String(min)} and ${String(max)}`)
  return (value) => (value >= min && value <= max ? undefined : `must be from ${String(min)} to ${String(max)}`)
}

/** Texts in which a pattern is found. @param hint says what is expected, instead of the pattern */
export function matching(pattern: RegExp, hint?: string): CheckFunction<string> {
  const own = new RegExp(pattern.source, pattern.flags.replace(/[gy]/g, '')) // which remember nothing from one text to the next
  return (value) => (own.test(value) ? undefined : (hint ?? `must match ${own}`))
}

/** The form of an e-mail address as browsers' forms take it (HTML, `input type=email`): whether mail arrives there only mail can tell. */
export function email(): CheckFunction<string> {
  return matching(/^[\w.!#$%&'*+/=?^`{|}~-]+@[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?(?:\.[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?)+$/i, 'must be an e-mail address')
}

/** One of some values. */
export function oneOf<const T extends string | number | bigint | boolean>(...values: readonly T[]): CheckFunction<Wide<T>> {
  const allowed = new Set<unknown>(values)
  return (value) => (allowed.has(value) ? undefined : `must be one of ${values.join(', ')}`)
}

/** Asks one check about one value. @param path where the value is */
export function issuesOf(check: Check, value: unknown, path: readonly PropertyKey[]): readonly Issue[] | Promise<readonly Issue[]> {
  if (typeof check === 'function') {
    const answer: unknown = check(value)
    const read = (message: unknown): readonly Issue[] => (message === undefined ? [] : [{ message: String(message), path }])
    return answer instanceof Promise ? answer.then(read) : read(answer)
  }
  const read = (result: StandardResult): readonly Issue[] =>
    (result.issues ?? []).map((issue) => ({ message: issue.message, path: [...path, ...(issue.path ?? []).map((step) => (typeof step === 'object' ? step.key : step))] }))
  const answer = check['~standard'].validate(value)
  return answer instanceof Promise ? answer.then(read) : read(answer)
}

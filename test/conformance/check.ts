// Assertions without a test runner, so that the cases run anywhere.

/** Whether two values are the same, member by member. */
export function same(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Object.getPrototypeOf(a) !== Object.getPrototypeOf(b) && !(a instanceof Uint8Array && b instanceof Uint8Array)) return false
  if (a instanceof Date) return a.getTime() === (b as Date).getTime()
  if (ArrayBuffer.isView(a)) {
    const left = Array.from(a as Uint8Array)
    const right = Array.from(b as Uint8Array)
    return left.length === right.length && left.every((item, i) => Object.is(item, right[i]))
  }
  if (Array.isArray(a)) return a.length === (b as unknown[]).length && a.every((item, i) => same(item, (b as unknown[])[i]))
  if (a instanceof Set) return same([...a], [...(b as Set<unknown>)])
  if (a instanceof Map) return same([...a], [...(b as Map<unknown, unknown>)])
  const keys = Object.keys(a)
  return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && same((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key]))
}

/** A value as an error message shows it. */
export function show(value: unknown): string {
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value !== 'object' || value === null) return typeof value === 'string' ? JSON.stringify(value) : String(value)
  if (value instanceof Date) return `Date(${value.getTime()})`
  if (ArrayBuffer.isView(value)) return `${value.constructor.name}(${Array.from(value as Uint8Array).join(',')})`
  if (value instanceof Set) return `Set(${Array.from(value, show).join(', ')})`
  if (value instanceof Map) return `Map(${Array.from(value, ([k, v]) => `${show(k)} => ${show(v)}`).join(', ')})`
  if (Array.isArray(value)) return `[${value.map(show).join(', ')}]`
  return `{${Object.entries(value).map(([k, v]) => `${k}: ${show(v)}`).join(', ')}}`
}

export function equal(actual: unknown, expected: unknown, what = 'value'): void {
  if (!same(actual, expected)) throw new Error(`${what}: expected ${show(expected)}, got ${show(actual)}`)
}

export function truthy(value: unknown, what: string): asserts value {
  if (!value) throw new Error(`${what}: ${show(value)}`)
}

/** The error that a promise rejects with; its name and message must fit. */
export async function rejects(promise: Promise<unknown>, name: string, message?: RegExp): Promise<Error & { code?: string; outcome?: string }> {
  let value: unknown
  try {
    value = await promise
  } catch (error) {
    truthy(error instanceof Error && error.name === name, `an error called ${name} was expected, got ${error instanceof Error ? `${error.name}: ${error.message}` : show(error)}`)
    truthy(message === undefined || message.test(error.message), `the message of ${name} does not fit ${message}: ${error.message}`)
    return error
  }
  throw new Error(`An error called ${name} was expected, got ${show(value)}`)
}

import type { Clock } from '../base/index.js'
import { Decimal, LocalDate, LocalTime, sameType, scalar, timeuuid, timeuuidMillis, typeToCql, uuid } from '../codecs/index.js'
import type { CqlType, Duration, ScalarKind } from '../codecs/index.js'
import { invalid } from './errors.js'
import { floorTimestamp } from './floor-timestamp.js'
import { genericFunction, isGeneric } from './generic-functions.js'
import { javaAddress, javaNumber } from './json-values.js'
import { decodeValue, encodeValue, isInteger, isNumber, wrapInteger } from './values.js'

/** A native function: from the bytes of its arguments to the bytes of its result. */
export interface NativeFunction {
  readonly result: CqlType
  /** Types of the arguments. */
  readonly args: readonly CqlType[]
  readonly call: (args: readonly (Uint8Array | null)[], clock: Clock) => Uint8Array | null
}

function fn(args: readonly ScalarKind[], result: ScalarKind, call: (values: readonly unknown[], clock: Clock) => unknown): NativeFunction {
  const types = args.map(scalar)
  const type = scalar(result)
  return {
    args: types, result: type,
    call: (bytes, clock) => {
      if (bytes.includes(null)) return null
      return encodeValue(type, call(bytes.map((value, i) => decodeValue(types[i]!, value!)), clock))
    },
  }
}

const DAY = 86_400_000n
/** The day of a moment. Before 1970 Cassandra rounds seconds down, and days up (`SimpleDateSerializer.timeInMillisToDay`). */
const dateOf = (ms: bigint): LocalDate => new LocalDate(Number((ms >= 0n ? ms / 1000n : (ms - 999n) / 1000n) / 86_400n))
const millisOf = (text: unknown): bigint => BigInt(timeuuid.toDate(text as string).getTime())

/** Smallest or greatest timeuuid of a millisecond (the node part is not that of any real one). */
function boundingTimeUuid(ms: bigint, max: boolean): Uint8Array {
  const bytes = encodeValue(scalar('timeuuid'), timeuuid.fromDate(new Date(Number(ms))))
  if (max) {
    const view = new DataView(bytes.buffer)
    const ticks = (BigInt(view.getUint16(6) & 0x0fff) << 48n) | (BigInt(view.getUint16(4)) << 32n) | BigInt(view.getUint32(0))
    const last = ticks + 9999n
    view.setUint32(0, Number(last & 0xffff_ffffn))
    view.setUint16(4, Number((last >> 32n) & 0xffffn))
    view.setUint16(6, Number((last >> 48n) & 0x0fffn) | 0x1000)
  }
  bytes.fill(max ? 0x7f : 0x80, 8)
  return bytes
}

const natives: Readonly<Record<string, readonly NativeFunction[]>> = {
  now: [fn([], 'timeuuid', (_, clock) => timeuuid.now(clock))],
  current_timeuuid: [fn([], 'timeuuid', (_, clock) => timeuuid.now(clock))],
  currenttimeuuid: [fn([], 'timeuuid', (_, clock) => timeuuid.now(clock))],
  uuid: [fn([], 'uuid', () => uuid.v4())],
  current_timestamp: [fn([], 'timestamp', (_, clock) => BigInt(clock.wall()))],
  currenttimestamp: [fn([], 'timestamp', (_, clock) => BigInt(clock.wall()))],
  current_date: [fn([], 'date', (_, clock) => dateOf(BigInt(clock.wall())))],
  currentdate: [fn([], 'date', (_, clock) => dateOf(BigInt(clock.wall())))],
  current_time: [fn([], 'time', (_, clock) => new LocalTime((BigInt(clock.wall()) % DAY) * 1_000_000n))],
  currenttime: [fn([], 'time', (_, clock) => new LocalTime((BigInt(clock.wall()) % DAY) * 1_000_000n))],
  to_timestamp: [fn(['timeuuid'], 'timestamp', ([id]) => millisOf(id)), fn(['date'], 'timestamp', ([day]) => BigInt((day as LocalDate).epochDays) * DAY)],
  to_date: [fn(['timeuuid'], 'date', ([id]) => dateOf(millisOf(id))), fn(['timestamp'], 'date', ([ms]) => dateOf(ms as bigint))],
  to_unix_timestamp: [
    fn(['timeuuid'], 'bigint', ([id]) => millisOf(id)), fn(['timestamp'], 'bigint', ([ms]) => ms), fn(['date'], 'bigint', ([day]) => BigInt((day as LocalDate).epochDays) * DAY),
  ],
  floor: [
    fn(['timestamp', 'duration'], 'timestamp', ([at, unit]) => floorTimestamp(at as bigint, unit as Duration, 0n)), fn(['timestamp', 'duration', 'timestamp'], 'timestamp', ([at, unit, from]) => floorTimestamp(at as bigint, unit as Duration, from as bigint)),
    fn(['date', 'duration'], 'date', ([day, unit]) => dateOf(floorTimestamp(BigInt((day as LocalDate).epochDays) * DAY, unit as Duration, 0n))),
    fn(['date', 'duration', 'date'], 'date', ([day, unit, from]) => dateOf(floorTimestamp(BigInt((day as LocalDate).epochDays) * DAY, unit as Duration, BigInt((from as LocalDate).epochDays) * DAY))),
  ],
  min_timeuuid: [{ args: [scalar('timestamp')], result: scalar('timeuuid'), call: ([ms]) => (ms ? boundingTimeUuid(decodeValue(scalar('timestamp'), ms) as bigint, false) : null) }],
  max_timeuuid: [{ args: [scalar('timestamp')], result: scalar('timeuuid'), call: ([ms]) => (ms ? boundingTimeUuid(decodeValue(scalar('timestamp'), ms) as bigint, true) : null) }],
}

/** Names that older versions of CQL have for the same functions. */
const aliases: Readonly<Record<string, string>> = {
  totimestamp: 'to_timestamp', todate: 'to_date', tounixtimestamp: 'to_unix_timestamp', mintimeuuid: 'min_timeuuid', maxtimeuuid: 'max_timeuuid',
}

/**
 * The function that a call means.
 *
 * @param args types of the arguments; undefined where a term has none of its own, such as a bind marker
 * @throws Refusal when there is none of that name, or none for these arguments
 */
export function findFunction(name: string, args: readonly (CqlType | undefined)[]): NativeFunction {
  const canonical = aliases[name] ?? name
  if (isGeneric(canonical)) {
    const found = genericFunction(canonical, args)
    if (found) return found
    throw invalid(`Invalid call to function ${name}, none of its type signatures match`)
  }
  const blobs = blobConversion(canonical)
  const candidates = blobs ? [blobs] : Object.hasOwn(natives, canonical) ? natives[canonical]! : undefined
  if (!candidates) throw invalid(`Unknown function '${name}'`)
  const found = candidates.find((candidate) => candidate.args.length === args.length && candidate.args.every((type, i) => args[i] === undefined || sameType(type, args[i]!)))
  if (found) return found
  const sameCount = candidates.filter((candidate) => candidate.args.length === args.length)
  if (sameCount.length === 0) throw invalid(`Invalid number of arguments in call to function ${name}: ${candidates[0]!.args.length} required but ${args.length} provided`)
  throw invalid(`Invalid call to function ${name}, none of its type signatures match (known type signatures: ${candidates.map((c) => `${name} : (${c.args.map(typeToCql).join(', ')}) -> ${typeToCql(c.result)}`).join(', ')})`)
}

/** `intAsBlob`, `int_as_blob`, `blobAsInt`, `blob_as_int`, for every scalar type. */
function blobConversion(name: string): NativeFunction | undefined {
  const match = /^(?:(\w+?)_?as_?blob|blob_?as_?(\w+))$/.exec(name)
  const kind = match?.[1] ?? match?.[2]
  if (kind === undefined) return undefined
  const type = scalar((kind === 'varchar' ? 'text' : kind) as ScalarKind)
  if (!type) return undefined
  const blob = scalar('blob')
  return match![1] !== undefined ? { args: [type], result: blob, call: ([value]) => value ?? null } : { args: [blob], result: type, call: ([value]) => value ?? null }
}

/** Types whose values CAST makes texts of; others have no text in CQL. */
const castable: ReadonlySet<string> = new Set(['ascii', 'text', 'boolean', 'timeuuid', 'uuid', 'date', 'time', 'timestamp', 'inet'])

/** Refuses casts that there are none of. */
export function checkCast(from: CqlType, to: CqlType): void {
  const isLess = from.kind === 'text' && to.kind === 'ascii'
  if ((to.kind !== 'text' && to.kind !== 'ascii') || isNumber(from) || (castable.has(from.kind) && !isLess)) return
  throw invalid(`Invalid call to function system.cast_as_${to.kind}, none of its type signatures match`)
}

/** There is one function of the name whose argument has the same bytes: its values are taken for those of that type. */
const takenFor: Readonly<Record<string, ScalarKind>> = { 'bigint date': 'timestamp', 'int timestamp': 'date', 'timestamp bigint': 'bigint', 'timestamp varint': 'bigint' }

/** CAST of a selected value. */
export function castValue(value: Uint8Array | null, from: CqlType, to: CqlType): Uint8Array | null {
  if (value === null || sameType(from, to)) return value
  const taken = takenFor[`${from.kind} ${to.kind}`]
  if (taken) return castValue(value, scalar(taken), to)
  const given = decodeValue(from, value)
  if (given === null) return null
  if (to.kind === 'text' || to.kind === 'ascii') return encodeValue(to, textOf(from, given))
  if (isNumber(from) && isNumber(to)) {
    const number = given instanceof Decimal ? given : typeof given === 'bigint' ? Decimal.from(given) : Number(given)
    if (isInteger(to)) {
      const whole = number instanceof Decimal ? truncated(number) : Number.isFinite(number) ? BigInt(Math.trunc(number)) : 0n
      return encodeValue(to, wrapInteger(to, whole))
    }
    return encodeValue(to, to.kind === 'decimal' ? number : Number(number instanceof Decimal ? number.toNumber() : number))
  }
  if (from.kind === 'timeuuid' && (to.kind === 'timestamp' || to.kind === 'date')) {
    const ms = BigInt(timeuuidMillis(value, 0))
    return encodeValue(to, to.kind === 'date' ? dateOf(ms) : ms)
  }
  if (from.kind === 'timestamp' && to.kind === 'date') return encodeValue(to, dateOf(given as bigint))
  if (from.kind === 'date' && to.kind === 'timestamp') return encodeValue(to, BigInt((given as LocalDate).epochDays) * DAY)
  throw invalid(`Unsupported cast from ${typeToCql(from)} to ${typeToCql(to)}`)
}

/** The whole part: towards zero, as Java's BigDecimal.toBigInteger. */
function truncated(value: Decimal): bigint {
  return value.scale <= 0 ? value.rescale(0).unscaled : value.unscaled / 10n ** BigInt(value.scale)
}

/** A value as Cassandra writes it as text, of types that have one. */
export function textOf(type: CqlType, value: unknown): string {
  if (type.kind === 'timestamp') return new Date(Number(value as bigint)).toISOString()
  if (type.kind === 'float' || type.kind === 'double') return javaNumber(value as number, type.kind === 'float')
  return type.kind === 'inet' ? javaAddress(String(value)) : String(value)
}

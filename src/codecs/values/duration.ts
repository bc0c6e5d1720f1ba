import { CodecError } from '../../base/index.js'

const SECOND = 1_000_000_000n
const MINUTE = 60n * SECOND
const HOUR = 60n * MINUTE
const MAX_LONG = 0x7fff_ffff_ffff_ffffn

const UNITS: Readonly<Record<string, readonly [part: 'months' | 'days' | 'nanoseconds', factor: bigint]>> = {
  y: ['months', 12n], mo: ['months', 1n], w: ['days', 7n], d: ['days', 1n], h: ['nanoseconds', HOUR], m: ['nanoseconds', MINUTE],
  s: ['nanoseconds', SECOND], ms: ['nanoseconds', 1_000_000n], us: ['nanoseconds', 1000n], 'µs': ['nanoseconds', 1000n], ns: ['nanoseconds', 1n],
}

/** A span of months, days and nanoseconds, none of which converts to another: CQL `duration`. */
export class Duration {
  readonly months: number
  readonly days: number
  readonly nanoseconds: bigint

  /** @throws CodecError when the parts differ in sign or are out of range (32, 32 and 64 bits) */
  constructor(months: number, days: number, nanoseconds: bigint) {
    if (months !== (months | 0) || days !== (days | 0) || nanoseconds > MAX_LONG || nanoseconds < -MAX_LONG - 1n) {
      throw new CodecError(`A duration's parts are 32, 32 and 64-bit integers, not ${months}, ${days}, ${nanoseconds}`)
    }
    if ((months < 0 || days < 0 || nanoseconds < 0n) && (months > 0 || days > 0 || nanoseconds > 0n)) {
      throw new CodecError(`The parts of a duration must have the same sign: ${months} months, ${days} days, ${nanoseconds} ns`)
    }
    this.months = months
    this.days = days
    this.nanoseconds = nanoseconds
  }

  /** Reads CQL (`1y2mo3w4d5h6m7s8ms9us10ns`) or ISO 8601 (`P1Y2M3DT4H5M6S`, `P3W`, `P0001-02-03T04:05:06`) text, with an optional leading minus. */
  static parse(text: string): Duration {
    const negative = text.startsWith('-')
    const body = negative ? text.slice(1) : text
    const parts = body.startsWith('P') ? parseIso(body) : parseUnits(body, text)
    if (!parts) throw new CodecError(`Not a duration: '${text}'`)
    const sign = negative ? -1n : 1n
    return new Duration(Number(sign * parts.months), Number(sign * parts.days), sign * parts.nanoseconds)
  }

  /** Whether months, days and nanoseconds are the same; a month is never thirty days. */
  equals(other: Duration): boolean {
    return this.months === other.months && this.days === other.days && this.nanoseconds === other.nanoseconds
  }

  /** CQL text, such as `1y2mo3d4h5m6s7ms8us9ns`; the zero duration is `0s`. */
  toString(): string {
    let text = this.months < 0 || this.days < 0 || this.nanoseconds < 0n ? '-' : ''
    const append = (value: bigint, units: readonly (readonly [string, bigint])[]): void => {
      let rest = value < 0n ? -value : value
      for (const [unit, size] of units) {
        if (rest >= size) text += `${rest / size}${unit}`
        rest %= size
      }
    }
    append(BigInt(this.months), [['y', 12n], ['mo', 1n]])
    append(BigInt(this.days), [['d', 1n]])
    append(this.nanoseconds, [['h', HOUR], ['m', MINUTE], ['s', SECOND], ['ms', 1_000_000n], ['us', 1000n], ['ns', 1n]])
    return text === '' ? '0s' : text
  }

  /** The duration as CQL writes it. */
  toJSON(): string {
    return this.toString()
  }
}

interface Parts {
  months: bigint
  days: bigint
  nanoseconds: bigint
}

function parseUnits(body: string, text: string): Parts | undefined {
  const parts: Parts = { months: 0n, days: 0n, nanoseconds: 0n }
  const pattern = /(\d{1,19})(y|mo|w|d|h|ms|us|µs|ns|m|s)/giy
  const seen = new Set<string>()
  while (pattern.lastIndex < body.length) {
    const match = pattern.exec(body)
    if (!match) return undefined
    const unit = match[2]!.toLowerCase()
    if (seen.has(unit)) throw new CodecError(`The unit '${unit}' stands twice in the duration '${text}'`)
    seen.add(unit)
    const [part, factor] = UNITS[unit]!
    parts[part] += BigInt(match[1]!) * factor
  }
  return body === '' ? undefined : parts
}

function parseIso(body: string): Parts | undefined {
  const number = (text: string | undefined): bigint => BigInt(text ?? 0)
  const weeks = /^P(\d+)W$/.exec(body)
  if (weeks) return { months: 0n, days: number(weeks[1]) * 7n, nanoseconds: 0n }
  const alternative = /^P(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})$/.exec(body)
  const match = alternative ?? /^P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:\.(\d{1,9}))?S)?)?$/.exec(body)
  if (!match || body.endsWith('T') || body === 'P') return undefined
  const [, years, months, days, hours, minutes, seconds] = match
  const fraction = alternative ? 0n : BigInt((match[7] ?? '').padEnd(9, '0'))
  return {
    months: number(years) * 12n + number(months),
    days: number(days),
    nanoseconds: number(hours) * HOUR + number(minutes) * MINUTE + number(seconds) * SECOND + fraction,
  }
}

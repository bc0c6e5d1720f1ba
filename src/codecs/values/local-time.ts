import { CodecError } from '../../base/index.js'

const PATTERN = /^(\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?$/
const DAY = 86_400_000_000_000n

/** A time of day to the nanosecond, without a date or zone: CQL `time`. */
export class LocalTime {
  /** Nanoseconds since midnight. */
  readonly nanoseconds: bigint

  /** @throws CodecError when it is not within one day */
  constructor(nanoseconds: bigint) {
    if (nanoseconds < 0n || nanoseconds >= DAY) throw new CodecError(`Nanoseconds of a day are 0 to ${DAY - 1n}, not ${nanoseconds}`)
    this.nanoseconds = nanoseconds
  }

  /** @throws CodecError when there is no such time */
  static of(hour: number, minute: number, second = 0, nanosecond = 0): LocalTime {
    const valid = (value: number, limit: number): boolean => Number.isInteger(value) && value >= 0 && value < limit
    if (!valid(hour, 24) || !valid(minute, 60) || !valid(second, 60) || !valid(nanosecond, 1e9)) {
      throw new CodecError(`No such time: ${hour}:${minute}:${second} and ${nanosecond} ns`)
    }
    return new LocalTime(BigInt(hour * 3600 + minute * 60 + second) * 1_000_000_000n + BigInt(nanosecond))
  }

  /** Reads `HH:MM`, `HH:MM:SS` or `HH:MM:SS.fffffffff`. */
  static parse(text: string): LocalTime {
    const match = PATTERN.exec(text)
    if (!match) throw new CodecError(`Not a time of the form HH:MM:SS.fffffffff: '${text}'`)
    return LocalTime.of(Number(match[1]), Number(match[2]), Number(match[3] ?? 0), Number((match[4] ?? '').padEnd(9, '0')))
  }

  get hour(): number {
    return Number(this.nanoseconds / 3_600_000_000_000n)
  }
  get minute(): number {
    return Number((this.nanoseconds / 60_000_000_000n) % 60n)
  }
  get second(): number {
    return Number((this.nanoseconds / 1_000_000_000n) % 60n)
  }
  get nanosecond(): number {
    return Number(this.nanoseconds % 1_000_000_000n)
  }

  /** For sorting. @returns a negative number when this time is earlier, 0 when it is the same, else a positive one */
  compare(other: LocalTime): number {
    return this.nanoseconds < other.nanoseconds ? -1 : this.nanoseconds > other.nanoseconds ? 1 : 0
  }

  /** Whether it is the same nanosecond of the day. */
  equals(other: LocalTime): boolean {
    return this.nanoseconds === other.nanoseconds
  }

  /** `HH:MM:SS.fffffffff`, always nine digits of fraction, as cqlsh prints it. */
  toString(): string {
    const two = (value: number): string => String(value).padStart(2, '0')
    return `${two(this.hour)}:${two(this.minute)}:${two(this.second)}.${String(this.nanosecond).padStart(9, '0')}`
  }

  /** The same text as `toString`. */
  toJSON(): string {
    return this.toString()
  }
}

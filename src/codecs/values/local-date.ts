import { CodecError } from '../../base/index.js'

const PATTERN = /^([+-]?\d{4,7})-(\d{2})-(\d{2})$/
const DAY_MS = 86_400_000

/** A day of the proleptic Gregorian calendar without a time zone: CQL `date`, ±5.8 million years around 1970. */
export class LocalDate {
  /** Days since 1970-01-01, a 32-bit integer. */
  readonly epochDays: number

  /** @throws CodecError when the number is not a 32-bit integer */
  constructor(epochDays: number) {
    if (epochDays !== (epochDays | 0)) throw new CodecError(`Days since 1970 are a 32-bit integer, not ${epochDays}`)
    this.epochDays = epochDays
  }

  /**
   * @param month 1 to 12
   * @param day 1 to the month's last
   * @throws CodecError when there is no such day
   */
  static of(year: number, month: number, day: number): LocalDate {
    if (!Number.isInteger(year) || !(month >= 1 && month <= 12) || !(day >= 1 && day <= daysOfMonth(year, month))) {
      throw new CodecError(`No such day: year ${year}, month ${month}, day ${day}`)
    }
    return new LocalDate(daysFromCivil(year, month, day))
  }

  /** Reads `YYYY-MM-DD`; years of more than four digits or below zero carry a sign. */
  static parse(text: string): LocalDate {
    const match = PATTERN.exec(text)
    if (!match) throw new CodecError(`Not a date of the form YYYY-MM-DD: '${text}'`)
    return LocalDate.of(Number(match[1]), Number(match[2]), Number(match[3]))
  }

  /** The UTC day of an instant. */
  static fromDate(date: Date): LocalDate {
    return new LocalDate(Math.floor(date.getTime() / DAY_MS))
  }

  get year(): number {
    return civilFromDays(this.epochDays)[0]
  }
  get month(): number {
    return civilFromDays(this.epochDays)[1]
  }
  get day(): number {
    return civilFromDays(this.epochDays)[2]
  }

  /** Another date. @param days that it is later; negative for earlier */
  plusDays(days: number): LocalDate {
    return new LocalDate(this.epochDays + days)
  }

  /** For sorting. @returns a negative number when this date is earlier, 0 when it is the same, else a positive one */
  compare(other: LocalDate): number {
    return this.epochDays - other.epochDays
  }

  /** Whether it is the same day. */
  equals(other: LocalDate): boolean {
    return this.epochDays === other.epochDays
  }

  /** Midnight UTC of the day; an invalid `Date` beyond the range of that class. */
  toDate(): Date {
    return new Date(this.epochDays * DAY_MS)
  }

  /** The date in ISO 8601, such as `2024-02-29`; years beyond four digits have a sign. */
  toString(): string {
    const [year, month, day] = civilFromDays(this.epochDays)
    const digits = String(Math.abs(year)).padStart(4, '0')
    const sign = year < 0 ? '-' : year > 9999 ? '+' : ''
    return `${sign}${digits}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`
  }

  /** The same text as `toString`. */
  toJSON(): string {
    return this.toString()
  }
}

function daysOfMonth(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31
}

/** Days from 1970-01-01 of a civil date (Hinnant, "chrono-compatible low-level date algorithms"). */
function daysFromCivil(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year
  const era = Math.floor(y / 400)
  const yearOfEra = y - era * 400
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear
  return era * 146_097 + dayOfEra - 719_468
}

function civilFromDays(days: number): [year: number, month: number, day: number] {
  const z = days + 719_468
  const era = Math.floor(z / 146_097)
  const dayOfEra = z - era * 146_097
  const yearOfEra = Math.floor((dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365)
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
  const shifted = Math.floor((5 * dayOfYear + 2) / 153)
  const month = shifted + (shifted < 10 ? 3 : -9)
  return [yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - Math.floor((153 * shifted + 2) / 5) + 1]
}

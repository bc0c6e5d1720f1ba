import { CodecError } from '../base/index.js'
import type { ByteReader, ByteWriter } from '../base/index.js'
import { expectLength, mismatch } from './codec.js'
import type { Codec } from './codec.js'
import type { Encoding } from './encoding.js'
import { scalar } from './types.js'
import { Duration } from './values/duration.js'
import { LocalDate } from './values/local-date.js'
import { LocalTime } from './values/local-time.js'
import { readVint, writeVint } from './values/vint.js'

/** The greatest distance from 1970 that a `Date` can hold, in milliseconds. */
const DATE_RANGE = 8.64e15
const ISO = /^[+-]?\d{4,6}-\d{2}(-\d{2})?([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?\s*(Z|[+-]\d{2}:?\d{2})?)?$/

/** Reads milliseconds since 1970. @throws CodecError when `Date` cannot hold them */
export function readMillis(view: DataView, start: number): number {
  const ms = view.getInt32(start) * 0x1_0000_0000 + view.getUint32(start + 4)
  if (ms > DATE_RANGE || ms < -DATE_RANGE) {
    throw new CodecError(`${view.getBigInt64(start)} ms is beyond the range of Date: read it with encoding: { timestamp: 'bigint' }`)
  }
  return ms
}

/** Reads an instant. @throws CodecError when `Date` cannot hold it */
export function readDate(view: DataView, start: number): Date {
  return new Date(readMillis(view, start))
}

function timestamp(encoding: Encoding): Codec {
  const type = scalar('timestamp')
  const asBigInt = encoding.timestamp === 'bigint'
  return {
    type,
    vectorSize: 8,
    allowsEmpty: false,
    readsDate: !asBigInt,
    inlineWrite: {
      room: 8,
      code: `if (value instanceof Date) {
        const ms = value.getTime()
        if (ms === ms) { const high = Math.floor(ms / 4294967296); view.setInt32(start, high); view.setUint32(start + 4, ms - high * 4294967296); end = start + 8 }
      }`,
    },
    inline: { length: 8, code: asBigInt ? 'view.getBigInt64(start)' : 'date(view, start)' },
    decode(source: ByteReader, start: number, end: number): Date | bigint {
      expectLength(type, start, end, 8)
      return asBigInt ? source.view.getBigInt64(start) : readDate(source.view, start)
    },
    encode(writer: ByteWriter, value: unknown): void {
      if (typeof value === 'bigint') {
        if (value !== BigInt.asIntN(64, value)) throw mismatch(type, value, 'outside the range of 64 bits')
        return writer.i64(value)
      }
      let ms: number
      if (value instanceof Date) ms = value.getTime()
      else if (typeof value === 'number') ms = value
      else if (typeof value === 'string' && ISO.test(value)) ms = Date.parse(value)
      else throw mismatch(type, value, typeof value === 'string' ? 'not an ISO 8601 date' : undefined)
      if (Number.isNaN(ms)) throw mismatch(type, value, 'not a valid date')
      if (!Number.isSafeInteger(ms)) throw mismatch(type, value, 'not a whole number of milliseconds')
      const at = writer.reserve(8)
      const high = Math.floor(ms / 0x1_0000_0000)
      writer.view.setInt32(at, high)
      writer.view.setUint32(at + 4, ms - high * 0x1_0000_0000)
    },
  }
}

/** Reads text with one of the value classes; its own message would show the value. */
function parsed<T>(codec: Codec, value: string, parse: (text: string) => T): T {
  try {
    return parse(value)
  } catch {
    throw mismatch(codec.type, value, 'it cannot be read as one')
  }
}

const date: Codec = {
  type: scalar('date'),
  vectorSize: 0,
  allowsEmpty: false,
  decode(source: ByteReader, start: number, end: number): LocalDate {
    expectLength(this.type, start, end, 4)
    return new LocalDate(source.view.getUint32(start) - 0x8000_0000)
  },
  encode(writer: ByteWriter, value: unknown): void {
    let day: LocalDate
    if (value instanceof LocalDate) day = value
    else if (typeof value === 'string') day = parsed(this, value, (text) => LocalDate.parse(text))
    else if (value instanceof Date && !Number.isNaN(value.getTime())) day = LocalDate.fromDate(value)
    else throw mismatch(this.type, value)
    writer.u32(day.epochDays + 0x8000_0000)
  },
}

const time: Codec = {
  type: scalar('time'),
  vectorSize: 0,
  allowsEmpty: false,
  decode(source: ByteReader, start: number, end: number): LocalTime {
    expectLength(this.type, start, end, 8)
    return new LocalTime(source.view.getBigInt64(start))
  },
  encode(writer: ByteWriter, value: unknown): void {
    if (value instanceof LocalTime) writer.i64(value.nanoseconds)
    else if (typeof value === 'string') writer.i64(parsed(this, value, (text) => LocalTime.parse(text)).nanoseconds)
    else if (typeof value === 'bigint') {
      if (value < 0n || value >= 86_400_000_000_000n) throw mismatch(this.type, value, 'not within one day')
      writer.i64(value)
    } else throw mismatch(this.type, value)
  },
}

const duration: Codec = {
  type: scalar('duration'),
  vectorSize: 0,
  allowsEmpty: false,
  decode(source: ByteReader, start: number, end: number): Duration {
    const reader = source.within(start, end)
    const months = readVint(reader)
    const days = readVint(reader)
    return new Duration(Number(months), Number(days), readVint(reader))
  },
  encode(writer: ByteWriter, value: unknown): void {
    let span: Duration
    if (value instanceof Duration) span = value
    else if (typeof value === 'string') span = parsed(this, value, (text) => Duration.parse(text))
    else throw mismatch(this.type, value)
    writeVint(writer, BigInt(span.months))
    writeVint(writer, BigInt(span.days))
    writeVint(writer, span.nanoseconds)
  },
}

/** Codecs of dates, times and durations. */
export function timeCodecs(encoding: Encoding): Codec[] {
  return [timestamp(encoding), date, time, duration]
}

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CodecError, SeededRandom, SimulatedClock } from '../../src/base/index.js'
import { Decimal, Duration, inetFromString, inetToString, LocalDate, LocalTime, timeuuid, uuid } from '../../src/codecs/index.js'

describe('Decimal', () => {
  const decimal = fc.tuple(fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }), fc.integer({ min: -30, max: 30 })).map(([unscaled, scale]) => new Decimal(unscaled, scale))
  test('text goes in and out exactly', () => {
    fc.assert(fc.property(decimal, (value) => {
      const again = Decimal.from(value.toString())
      expect([again.unscaled, again.scale]).toEqual([value.unscaled, value.scale])
    }))
    expect(['0', '1.50', '-0.001', '1E+3', '1.5e-10', '.5', '5.'].map((text) => Decimal.from(text).toString())).toEqual(['0', '1.50', '-0.001', '1E+3', '1.5E-10', '0.5', '5'])
    for (const wrong of ['', '.', 'e5', '1,5', 'NaN', '0x1', '--1']) expect(() => Decimal.from(wrong), wrong).toThrow(CodecError)
  })
  test('arithmetic is that of fractions', () => {
    fc.assert(fc.property(decimal, decimal, (a, b) => {
      const scaled = (value: Decimal): bigint => value.unscaled * 10n ** BigInt(90 - value.scale)
      expect(scaled(a.add(b))).toBe(scaled(a) + scaled(b))
      expect(scaled(a.subtract(b))).toBe(scaled(a) - scaled(b))
      expect(scaled(a.multiply(b))).toBe((scaled(a) * scaled(b)) / 10n ** 90n)
      expect(Math.sign(a.compare(b))).toBe(scaled(a) < scaled(b) ? -1 : scaled(a) > scaled(b) ? 1 : 0)
    }))
    expect(Decimal.from('0.1').add('0.2').equals('0.30')).toBe(true)
    expect(Decimal.from(10).divide(3, 4).toString()).toBe('3.3333')
    expect(Decimal.from('-2.5').rescale(0).toString()).toBe('-3')
    expect(() => Decimal.from(1).divide(0, 2)).toThrow(/zero/)
  })
  test('huge exponents compare at once and refuse to be written out', () => {
    const huge = new Decimal(1n, -2_000_000_000)
    expect(huge.compare(5)).toBe(1)
    expect(() => huge.add(1)).toThrow(/refused/)
  })
})

describe('LocalDate', () => {
  test('agrees with Date over its whole range', () => {
    fc.assert(fc.property(fc.integer({ min: -100_000_000, max: 100_000_000 }), (days) => {
      const day = new LocalDate(days)
      const date = new Date(days * 86_400_000)
      expect([day.year, day.month, day.day]).toEqual([date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate()])
      expect(LocalDate.parse(day.toString()).epochDays).toBe(days)
      expect(LocalDate.fromDate(date).equals(day)).toBe(true)
    }))
    expect(new LocalDate(-(2 ** 31)).toString()).toBe('-5877641-06-23')
    expect(new LocalDate(2 ** 31 - 1).toString()).toBe('+5881580-07-11')
    expect(() => LocalDate.of(2023, 2, 29)).toThrow(CodecError)
  })
})

test('LocalTime to the nanosecond', () => {
  fc.assert(fc.property(fc.bigInt({ min: 0n, max: 86_399_999_999_999n }), (ns) => { expect(LocalTime.parse(new LocalTime(ns).toString()).nanoseconds).toBe(ns) }))
  expect(LocalTime.parse('23:59:59.5').toString()).toBe('23:59:59.500000000')
  for (const wrong of ['24:00:00', '1:2', '12:60', '12:00:00.1234567890']) expect(() => LocalTime.parse(wrong)).toThrow(CodecError)
})

test('Duration in each of its notations', () => {
  const parts = (text: string): unknown[] => {
    const { months, days, nanoseconds } = Duration.parse(text)
    return [months, days, nanoseconds]
  }
  expect(parts('1y2mo3w4d5h6m7s8ms9us10ns')).toEqual([14, 25, 18_367_008_009_010n])
  expect(parts('P1Y2M3DT4H5M6.5S')).toEqual([14, 3, 14_706_500_000_000n])
  expect(parts('-P2W')).toEqual([0, -14, 0n])
  expect(parts('P0001-02-03T04:05:06')).toEqual([14, 3, 14_706_000_000_000n])
  fc.assert(fc.property(fc.nat(), fc.nat(), fc.bigInt({ min: 0n, max: 2n ** 62n }), (months, days, ns) => {
    const span = new Duration(months, days, ns)
    expect(Duration.parse(span.toString()).equals(span)).toBe(true)
  }))
  for (const wrong of ['P', 'PT', '1', '1d1d', 'x', '1h-1m']) expect(() => Duration.parse(wrong), wrong).toThrow(CodecError)
  expect(() => new Duration(1, -1, 0n)).toThrow(/same sign/)
})

describe('identifiers and addresses', () => {
  test('UUIDs: version, variant, order of version 7, time of version 1', () => {
    const random = new SeededRandom(1)
    const clock = new SimulatedClock(1_700_000_000_123)
    expect(uuid.v4(random)).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    expect(uuid.v7(clock, random)).toMatch(/^018bcfe5-687b-7/)
    const soon = Date.now() + 5000 // later than whatever has been given before
    const ids = Array.from({ length: 5 }, () => timeuuid.now(new SimulatedClock(soon)))
    expect(new Set(ids).size).toBe(5)
    expect(timeuuid.toDate(ids[0]!).getTime()).toBe(soon)
    expect(timeuuid.toDate(timeuuid.fromDate(new Date(-5))).getTime()).toBe(-5)
    expect(() => timeuuid.toDate(uuid.v4())).toThrow(CodecError)
  })
  test('IPv6 is shortened as RFC 5952 says, and every form is read', () => {
    const form = (text: string): string => inetToString(inetFromString(text))
    expect(['::', '::1', '2001:db8:0:0:1:0:0:1', '2001:0DB8::0001', '1:0:2:3:4:5:6:7', '::ffff:10.0.0.1', 'fe80::1%eth0', '1.2.3.4'].map(form)).toEqual(['::', '::1', '2001:db8::1:0:0:1', '2001:db8::1', '1:0:2:3:4:5:6:7', '::ffff:10.0.0.1', 'fe80::1', '1.2.3.4'])
    fc.assert(fc.property(fc.ipV6(), (text) => { expect(Buffer.from(inetFromString(form(text))).equals(inetFromString(text))).toBe(true) }))
    for (const wrong of ['1.2.3.256', '1::2::3', '12345::', 'g::', '1:2:3', '']) expect(() => inetFromString(wrong), wrong).toThrow(CodecError)
  })
})

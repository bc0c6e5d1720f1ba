import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import { readFileSync } from 'node:fs'
import { Client, cql, OptionError, version } from '../../src/client/index.js'
import type { ClientOptions } from '../../src/client/index.js'
import { parseConnectionUrl, parseContactPoint } from '../../src/client/connection-url.js'
import { looksConditional, startsWithSelect, startsWithUse } from '../../src/client/statement-text.js'
import { monotonicTimestamps } from '../../src/policies/index.js'
import { SimulatedClock } from '../../src/base/index.js'

describe('connection URLs', () => {
  test('several hosts, ports, IPv6, credentials, keyspace, parameters', () => {
    expect(parseConnectionUrl('cql://user%40x:s%3Aecret@host1:9042,host2,[::1]:9043/shop%20x?dc=dc1&tls=true&pageSize=100&compression=lz4')).toEqual({
      contactPoints: ['host1:9042', 'host2', '[::1]:9043'], auth: { username: 'user@x', password: 's:ecret' }, keyspace: 'shop x', localDataCenter: 'dc1', tls: true, pageSize: 100, compression: 'lz4',
    })
    expect(parseConnectionUrl('cql://h')).toEqual({ contactPoints: ['h'] })
    expect(parseConnectionUrl('cql://h/?tracing')).toEqual({ contactPoints: ['h'], tracing: true })
  })
  test.each([
    ['http://h', /form cql:/], ['cql://', /names no host/], ['cql://a,,b', /names no host/], ['cql://user@h', /no password/], ['cql://h?nope=1', /Unknown parameter 'nope'/], ['cql://h?pageSize=x', /'pageSize'.*whole number/],
    ['cql://h?tls=maybe', /'tls'.*true or false/], ['cql://h/%ZZ', /percent-encoded/], ['cql://h?clock=1', /Unknown parameter 'clock'/],
  ])('%s is refused', (url, message) => {
    expect(() => parseConnectionUrl(url)).toThrow(OptionError)
    expect(() => parseConnectionUrl(url)).toThrow(message)
  })
  test('contact points', () => {
    expect(['h', 'h:1', '[::1]', '[::1]:5', '::1'].map(parseContactPoint)).toEqual([{ host: 'h', port: 9042 }, { host: 'h', port: 1 }, { host: '::1', port: 9042 }, { host: '::1', port: 5 }, { host: '::1', port: 9042 }])
    for (const wrong of ['h:0', 'h:70000', 'h:x', '[::1', '']) expect(() => parseContactPoint(wrong), wrong).toThrow(OptionError)
  })
})

describe('options', () => {
  const base = { contactPoints: ['127.0.0.1'] }
  test.each([
    [{}, 'contactPoints'], [{ contactPoints: [] }, 'contactPoints'], [{ contactPoints: 'h' }, 'contactPoints'], [{ ...base, contactpoints: [] }, 'contactpoints'], [{ ...base, consistency: 'most' }, 'consistency'], [{ ...base, timeoutMs: 0 }, 'timeoutMs'],
    [{ ...base, maxInFlight: 40_000 }, 'maxInFlight'], [{ ...base, pool: { size: 1 } }, 'pool.size'], [{ ...base, policies: { retry: {} } }, 'policies.retry'], [{ ...base, tls: { rejectUnauthorized: false } }, 'tls.rejectUnauthorized'],
    [{ ...base, signal: new AbortController().signal }, 'signal'], [{ ...base, compression: 'snappy', protocolVersion: 5 }, 'compression'], [{ ...base, protocolVersion: 6 }, 'protocolVersion'], [{ contactPoints: ['h:x'] }, 'contactPoints'],
    [{ ...base, encoding: { set: 'list' } }, 'encoding.set'],
  ])('%o names %s', (options, option) => {
    try {
      new Client(options as ClientOptions)
      expect.unreachable()
    } catch (error) {
      expect(error).toBeInstanceOf(OptionError)
      expect((error as OptionError).option).toBe(option)
      expect((error as Error).message).toContain(option)
    }
  })
  test('secrets do not show', () => {
    const client = new Client({ ...base, auth: { username: 'me', password: 'top-secret' }, tls: { key: 'private-key' } })
    expect(inspect(client, { depth: 20, showHidden: true })).not.toMatch(/top-secret|private-key/)
    expect(JSON.stringify(client)).not.toMatch(/top-secret|private-key/)
  })
  test('the version is that of package.json', () => {
    expect(version).toBe((JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }).version)
  })
})

describe('statement texts', () => {
  test('what begins with SELECT or USE, behind blanks and comments', () => {
    for (const text of ['select 1', ' -- x\n// y\n/* z */ SELECT', 'SELECT*FROM t']) expect(startsWithSelect(text), text).toBe(true)
    for (const text of ['INSERT INTO selects', 'selection', '-- select']) expect(startsWithSelect(text), text).toBe(false)
    expect([startsWithUse('use k'), startsWithUse('/**/USE k'), startsWithUse('UPDATE use')]).toEqual([true, true, false])
  })
  test('what may be a lightweight transaction', () => {
    expect(['UPDATE t SET a = 1 WHERE k = 1 IF a = 2', 'INSERT INTO t (a) VALUES (1) if not exists'].map(looksConditional)).toEqual([true, true])
    expect(["UPDATE t SET a = 'if' WHERE k = 1", 'SELECT a FROM t WHERE k = 1', 'UPDATE t SET a = $$ IF $$ WHERE k = 1', 'UPDATE t SET notif = 1'].map(looksConditional)).toEqual([false, false, false, false])
  })
  test('the cql tag binds values, splices statements and quotes names', () => {
    const inner = cql`b = ${2}`
    const statement = cql`SELECT ${cql.identifier('Name')}, ${cql.identifier('plain')} FROM t WHERE a = ${1} AND ${inner} AND c IN ${[3]}`
    expect([statement.query, statement.values]).toEqual(['SELECT "Name", plain FROM t WHERE a = ? AND b = ? AND c IN ?', [1, 2, [3]]])
    expect(cql.identifier('a"b').text).toBe('"a""b"')
    expect(cql.identifier('select').text).toBe('"select"')
    expect(() => cql.identifier('')).toThrow(OptionError)
  })
})

describe('policies', () => {
  test('timestamps rise, whatever the clock does', async () => {
    const clock = new SimulatedClock(1000)
    const next = monotonicTimestamps(clock)
    const seen = Array.from({ length: 2500 }, next) as bigint[]
    await clock.advance(1)
    seen.push(next()!)
    for (let i = 1; i < seen.length; i++) expect(seen[i]! > seen[i - 1]!).toBe(true)
    expect(seen[0]).toBe(1_000_000n)
  })
})

// The same messages and values through the codec of the Python driver: equal bytes, or what it reads is what was meant.
import { spawn } from 'node:child_process'
import type { ChildProcessWithoutNullStreams } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ByteReader, ByteWriter } from '../../src/base/index.js'
import { Codecs, typeToClassName } from '../../src/codecs/index.js'
import type { Column, CqlType } from '../../src/codecs/index.js'
import { decodeBody, encodeBody, errorCodes, opcodes } from '../../src/protocol/index.js'
import type { BatchParameters, ErrorDetails, Message, ProtocolVersion, RequestMessage } from '../../src/protocol/index.js'
import { any } from '../support/arbitraries.js'
import { hexOf, toVectorJson } from '../support/vectors.js'

const PYTHON = process.env['CQLWIRE_PYTHON']
const RUNS = Number(process.env['CQLWIRE_PYTHON_RUNS'] ?? 1500)
const versions = [3, 4, 5] as const

interface Answer {
  readonly out?: unknown
  readonly error?: string
}

/** The driver, which answers line by line. */
class Driver {
  readonly #child: ChildProcessWithoutNullStreams
  readonly #waiting: ((answer: Answer) => void)[] = []

  constructor() {
    this.#child = spawn(PYTHON!, [join(import.meta.dirname, '../python/codec.py')])
    createInterface({ input: this.#child.stdout }).on('line', (line) => this.#waiting.shift()!(JSON.parse(line) as Answer))
    this.#child.stderr.on('data', (chunk: Buffer) => process.stderr.write(chunk))
    this.#child.on('exit', () => { for (const resolve of this.#waiting.splice(0)) resolve({ error: 'the driver has ended' }) })
  }

  ask(job: object): Promise<Answer> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve)
      this.#child.stdin.write(`${JSON.stringify(job)}\n`)
    })
  }

  end(): void {
    this.#child.stdin.end()
  }
}

function bodyOf(message: Message, version: ProtocolVersion): Uint8Array {
  const writer = new ByteWriter()
  encodeBody(writer, message, version)
  return writer.toBytes()
}

/** No dates before 1970, nor the level that Cassandra 5.0 has gained. */
const dated = ({ consistency, timestamp }: BatchParameters): boolean => consistency !== 'node' && (timestamp === undefined || timestamp >= 0n)

/** Requests that the driver can express: it has no values in QUERY, no names for values, no time for TTLs, and always wants metadata. */
function expressible(message: Message): message is RequestMessage {
  switch (message.type) {
    case 'STARTUP': return false // of which below
    case 'OPTIONS': case 'REGISTER': return true
    case 'AUTH_RESPONSE': return message.token !== null
    case 'PREPARE': return message.keyspace !== ''
    case 'BATCH': return dated(message.parameters) && message.parameters.nowInSeconds === undefined && message.parameters.keyspace !== ''
    case 'QUERY': case 'EXECUTE': {
      const { values, nowInSeconds, pageSize, pagingState, skipMetadata, keyspace } = message.parameters
      const common = dated(message.parameters) && skipMetadata === undefined && nowInSeconds === undefined && pageSize !== 0 && pagingState?.length !== 0
      return common && (message.type === 'QUERY' ? values === undefined && keyspace !== '' : Array.isArray(values) && keyspace === undefined)
    }
    default: return false
  }
}

/** A type as the driver names it. */
const cqlName = (type: CqlType): string => {
  switch (type.kind) {
    case 'text': return 'varchar'
    case 'list': case 'set': return `${type.kind}<${cqlName(type.element)}>`
    case 'map': return `map<${cqlName(type.key)}, ${cqlName(type.value)}>`
    case 'tuple': return `tuple<${type.elements.map(cqlName).join(', ')}>`
    default: return type.kind
  }
}
/** Types that the driver names as we do. */
const named = (type: CqlType): boolean => {
  switch (type.kind) {
    case 'udt': case 'vector': case 'custom': return false
    case 'list': case 'set': return named(type.element)
    case 'map': return named(type.key) && named(type.value)
    case 'tuple': return type.elements.every(named)
    default: return true
  }
}
const columnsSeen = (columns: readonly Column[]): unknown[] => columns.map(({ keyspace, table, name, type }) => [keyspace, table, name, cqlName(type)])

/** Without `frozen`, which it writes where it may. */
const thawed = (seen: unknown): unknown => JSON.parse(JSON.stringify(seen).replaceAll('frozen<', '').replaceAll('>', ''))

/** Fields of an error as the driver calls them. */
function driverInfo(details: ErrorDetails): Record<string, unknown> {
  const { consistency: _, writeType: __, ...rest } = details
  return Object.fromEntries(Object.entries(rest).map(([name, value]) => [({ required: details.alive === undefined ? 'required_responses' : 'required_replicas', received: 'received_responses', alive: 'alive_replicas', dataPresent: 'data_retrieved' } as Record<string, string>)[name] ?? name, value]))
}

describe.skipIf(PYTHON === undefined && process.env['CI'] === undefined)('the codec of the Python driver', () => {
  let driver: Driver
  beforeAll(() => { driver = new Driver() })
  afterAll(() => driver.end())

  test.each(versions)('writes requests of version %i that we read as what they are, as the same bytes', async (version) => {
    const messages = fc.sample(any.message(version).filter(expressible), { seed: 4000 + version, numRuns: RUNS })
    let same = 0
    for (const message of messages) {
      const { out, error } = await driver.ask({ do: 'encode', version, message: toVectorJson(message) })
      expect(error, JSON.stringify(toVectorJson(message))).toBeUndefined()
      const bytes = new Uint8Array(Buffer.from(out as string, 'hex'))
      expect(toVectorJson(decodeBody(opcodes[message.type], new ByteReader(bytes), version))).toEqual(toVectorJson(message))
      if (hexOf(bodyOf(message, version)) === out) same++
    }
    expect(same).toBe(messages.length)
  })

  test('reads as STARTUP what we write', async () => {
    const message: Message = { type: 'STARTUP', options: new Map([['CQL_VERSION', '3.4.5'], ['COMPRESSION', 'lz4']]) }
    const { out } = await driver.ask({ do: 'encode', version: 4, message: toVectorJson(message) })
    const read = decodeBody(opcodes.STARTUP, new ByteReader(new Uint8Array(Buffer.from(out as string, 'hex'))), 4)
    expect(read.type === 'STARTUP' && new Map([...read.options].sort())).toEqual(new Map([...message.options].sort()))
  })

  test.each(versions)('reads responses of version %i as what we meant', async (version) => {
    const counts = new Map<string, number>()
    for (const message of fc.sample(any.message(version), { seed: 5000 + version, numRuns: RUNS * 2 })) {
      const job = { do: 'decode', version, opcode: opcodes[message.type], body: hexOf(bodyOf(message, version)) }
      let expected: unknown
      let project = (out: unknown): unknown => out
      if (message.type === 'AUTHENTICATE') expected = { authenticator: message.authenticator }
      else if (message.type === 'ERROR' && message.code !== 0x4321 && message.code !== errorCodes.CAS_WRITE_UNKNOWN) { // which it does not know
        expected = { code: message.code, message: message.message }
        const info = driverInfo(message.details)
        const plain = ['required_responses', 'required_replicas', 'received_responses', 'alive_replicas', 'data_retrieved'].filter((name) => name in info)
        if (plain.length > 0) expected = { code: message.code, message: message.message, info: Object.fromEntries(plain.map((name) => [name, info[name]])) }
        project = (out) => {
          const { code, message: text, info: read } = out as { code: number; message: string; info: Record<string, unknown> }
          return plain.length > 0 ? { code, message: text, info: Object.fromEntries(plain.map((name) => [name, read[name]])) } : { code, message: text }
        }
      } else if (message.type === 'EVENT' && message.event !== 'UNKNOWN' && message.event !== 'SCHEMA_CHANGE') {
        expected = { event: message.event, args: { change_type: message.change, address: [message.node.address, message.node.port] } }
      } else if (message.type === 'RESULT') {
        if (message.kind === 'ROWS' && message.metadata.newMetadataId === undefined && (message.metadata.columns ?? []).every(({ type }) => named(type))) {
          const { columns, pagingState } = message.metadata
          const paging = pagingState ? hexOf(pagingState) : null
          expected = columns ? { kind: 'ROWS', columns: columnsSeen(columns), paging, rows: message.rows.map((row) => row.map((cell) => (cell ? hexOf(cell) : null))), left: 0 } : { kind: 'ROWS', columns: null, paging }
        } else if (message.kind === 'PREPARED' && message.variables.columns.every(({ type }) => named(type)) && (message.result.columns ?? []).every(({ type }) => named(type))) {
          expected = { kind: 'PREPARED', id: hexOf(message.id), keys: message.variables.partitionKey, variables: columnsSeen(message.variables.columns) }
        } else if (message.kind === 'SET_KEYSPACE') expected = { kind: 'SET_KEYSPACE', keyspace: message.keyspace }
        else if (message.kind === 'VOID') expected = { kind: 'VOID' }
      }
      if (expected === undefined) continue
      const { out, error } = await driver.ask(job)
      expect(error, JSON.stringify(toVectorJson(message))).toBeUndefined()
      expect(thawed(project(out)), JSON.stringify(toVectorJson(message))).toEqual(thawed(expected))
      const kind = message.type === 'RESULT' ? message.kind : message.type
      counts.set(kind, (counts.get(kind) ?? 0) + 1)
    }
    for (const kind of ['AUTHENTICATE', 'ERROR', 'EVENT', 'ROWS', 'PREPARED', 'SET_KEYSPACE', 'VOID']) expect(counts.get(kind), kind).toBeGreaterThan(5)
  })

  test('reads values of every type and writes them again as the same bytes', async () => {
    const codecs = new Codecs()
    // It keeps sets and maps in an order of its own, knows user-defined types by registration only, and instants within the range of datetime.
    const apart = (type: CqlType): boolean => /"(set|map|udt)"/.test(JSON.stringify(type))
    const dates = { timestamps: fc.date({ min: new Date('1900-01-01'), max: new Date('2200-01-01'), noInvalidDate: true }) }
    const samples = fc.sample(any.type(2).filter((type) => !apart(type)).chain((type) => fc.tuple(fc.constant(type), any.value(type, dates))), { seed: 6000, numRuns: RUNS * 2 })
    for (const [type, value] of samples) {
      const writer = new ByteWriter()
      codecs.of(type).encode(writer, value)
      const body = hexOf(writer.toBytes())
      const { out, error } = await driver.ask({ do: 'value', class: typeToClassName(type), body })
      expect(error, `${typeToClassName(type)} ${body}`).toBeUndefined()
      expect(out, `${typeToClassName(type)} ${body}`).toBe(body)
    }
  })
})

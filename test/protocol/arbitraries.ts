// Random types, values and messages for property tests.
import fastCheck from 'fast-check'
import { Decimal, Duration, LocalDate, LocalTime, scalar, scalarKinds, unset } from '../../src/codecs/index.js'
import type { Column, CqlType, ScalarKind } from '../../src/codecs/index.js'
import { consistencies, errorCodes } from '../../src/protocol/index.js'
import type { Consistency, ErrorDetails, Message, ProtocolVersion, QueryParameters, RawValue } from '../../src/protocol/index.js'

/** Records are plain objects here, as decoding makes them. */
const fc: typeof fastCheck = { ...fastCheck, record: ((model: never) => fastCheck.record(model, { noNullPrototype: true } as never)) as never }

const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
const text = fc.string({ unit: 'grapheme', maxLength: 40 })
const hexDigits = fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => Buffer.from(bytes).toString('hex'))
const uuidText = hexDigits.map((hex) => `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`)
const timeuuidText = uuidText.map((id) => `${id.slice(0, 14)}1${id.slice(15)}`)
const int32 = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })

const scalarValues: Readonly<Record<ScalarKind, fastCheck.Arbitrary<unknown>>> = {
  ascii: fc.string({ unit: 'grapheme-ascii', maxLength: 40 }), text, bigint: int64, counter: int64, blob: fc.uint8Array({ maxLength: 60 }).map((bytes) => Uint8Array.from(bytes)), boolean: fc.boolean(),
  date: int32.map((days) => new LocalDate(days)), decimal: fc.tuple(fc.bigInt({ min: -(2n ** 120n), max: 2n ** 120n }), fc.integer({ min: -100, max: 100 })).map(([unscaled, scale]) => new Decimal(unscaled, scale)),
  double: fc.double(), float: fc.float(), inet: fc.oneof(fc.ipV4(), fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => `${Array.from({ length: 8 }, (_, i) => ((bytes[2 * i]! << 8) | bytes[2 * i + 1]! | 0x1000).toString(16)).join(':')}`)),
  int: int32, smallint: fc.integer({ min: -32768, max: 32767 }), tinyint: fc.integer({ min: -128, max: 127 }), time: fc.bigInt({ min: 0n, max: 86_399_999_999_999n }).map((ns) => new LocalTime(ns)),
  timestamp: fc.date({ noInvalidDate: true }), timeuuid: timeuuidText, uuid: uuidText, varint: fc.bigInt({ min: -(2n ** 150n), max: 2n ** 150n }),
  duration: fc.tuple(fc.nat(2 ** 31 - 1), fc.nat(2 ** 31 - 1), fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }), fc.boolean()).map(([months, days, ns, negative]) => (negative ? new Duration(-months | 0, -days | 0, -ns) : new Duration(months, days, ns))),
}

/** Any scalar type but counters, which stand alone. */
export const scalarType: fastCheck.Arbitrary<CqlType> = fc.constantFrom(...scalarKinds.filter((kind) => kind !== 'counter').map(scalar))

const name = fc.string({ unit: fc.constantFrom(...'abcdefgh_XY'), minLength: 1, maxLength: 6 })

/** Any type to the given depth. */
export function typeOfDepth(depth: number): fastCheck.Arbitrary<CqlType> {
  if (depth === 0) return scalarType
  const inner = typeOfDepth(depth - 1)
  return fc.oneof(
    scalarType,
    inner.map((element): CqlType => ({ kind: 'list', element })),
    inner.map((element): CqlType => ({ kind: 'set', element })),
    fc.tuple(inner, inner).map(([key, value]): CqlType => ({ kind: 'map', key, value })),
    fc.array(inner, { minLength: 1, maxLength: 3 }).map((elements): CqlType => ({ kind: 'tuple', elements })),
    fc.tuple(inner, fc.integer({ min: 1, max: 4 })).map(([element, dimension]): CqlType => ({ kind: 'vector', element, dimension })),
    fc.tuple(name, name, fc.uniqueArray(fc.tuple(name, inner), { minLength: 1, maxLength: 3, selector: ([field]) => field })).map(([keyspace, udt, fields]): CqlType => ({ kind: 'udt', keyspace, name: udt, fields: fields.map(([field, type]) => ({ name: field, type })) })),
  )
}

/**
 * A value that the type reads as it was written.
 *
 * @param timestamps what timestamps are drawn from, where not all of them can be
 */
export function valueOf(type: CqlType, timestamps: fastCheck.Arbitrary<unknown> = scalarValues.timestamp): fastCheck.Arbitrary<unknown> {
  const valueWithin = (inner: CqlType): fastCheck.Arbitrary<unknown> => valueOf(inner, timestamps)
  const nullable = (inner: CqlType): fastCheck.Arbitrary<unknown> => fc.option(valueWithin(inner), { freq: 6 })
  switch (type.kind) {
    case 'list':
      return fc.array(valueWithin(type.element), { maxLength: 4 })
    case 'set':
      return fc.array(valueWithin(type.element), { maxLength: 4 }).map((items) => new Set(items))
    case 'map':
      return fc.array(fc.tuple(valueWithin(type.key), valueWithin(type.value)), { maxLength: 3 }).map((entries) => new Map(entries))
    case 'tuple':
      return fc.tuple(...type.elements.map(nullable))
    case 'udt':
      return fc.tuple(...type.fields.map((field) => nullable(field.type))).map((values) => Object.fromEntries(type.fields.map((field, i) => [field.name, values[i]])))
    case 'vector': {
      const { dimension } = type
      const items = fc.array(valueWithin(type.element), { minLength: dimension, maxLength: dimension })
      return type.element.kind === 'float' ? items.map((list) => new Float32Array(list as number[])) : items
    }
    case 'custom':
      return scalarValues.blob
    default:
      return type.kind === 'timestamp' ? timestamps : scalarValues[type.kind]
  }
}

const bytes = fc.uint8Array({ maxLength: 40 }).map((array) => Uint8Array.from(array))
const consistency: fastCheck.Arbitrary<Consistency> = fc.constantFrom(...consistencies)
const optional = <T>(arbitrary: fastCheck.Arbitrary<T>): fastCheck.Arbitrary<T | undefined> => fc.option(arbitrary, { nil: undefined })

function rawValue(version: ProtocolVersion): fastCheck.Arbitrary<RawValue> {
  return version >= 4 ? fc.oneof(bytes, fc.constant(null), fc.constant(unset)) : fc.oneof(bytes, fc.constant(null))
}

/** Without members that are undefined, as decoding gives it. */
function dense<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as T
}

const tail = (version: ProtocolVersion) => ({
  serialConsistency: optional(fc.constantFrom('serial' as const, 'localSerial' as const)), timestamp: optional(fc.bigInt({ min: -(2n ** 63n) + 1n, max: 2n ** 63n - 1n })),
  keyspace: version >= 5 ? optional(text) : fc.constant(undefined), nowInSeconds: version >= 5 ? optional(int32) : fc.constant(undefined),
})

function parameters(version: ProtocolVersion): fastCheck.Arbitrary<QueryParameters> {
  const values = fc.oneof(fc.array(rawValue(version), { maxLength: 4 }), fc.array(fc.tuple(text, rawValue(version)), { maxLength: 3 }).map((entries) => new Map(entries)))
  return fc.record({ consistency, values: optional(values), skipMetadata: optional(fc.constant(true)), pageSize: optional(fc.nat()), pagingState: optional(bytes), ...tail(version) }).map(dense)
}

const columns: fastCheck.Arbitrary<Column[]> = fc.array(fc.record({ name: text, type: typeOfDepth(2), keyspace: fc.constantFrom('k', 'other'), table: fc.constantFrom('t', 'u') }), { minLength: 1, maxLength: 4 })

const address = fc.record({ address: fc.ipV4(), port: fc.nat(65535) })

const progress = { consistency, received: fc.nat(), required: fc.nat() }
const writeType = fc.constantFrom('SIMPLE' as const, 'BATCH' as const, 'CAS' as const, 'VIEW' as const)

function errorDetails(version: ProtocolVersion): fastCheck.Arbitrary<readonly [number, ErrorDetails]> {
  const failures: Record<string, fastCheck.Arbitrary<unknown>> = version >= 5 ? { reasons: fc.uniqueArray(fc.tuple(fc.ipV4(), fc.nat(65535)), { selector: ([ip]) => ip, maxLength: 3 }).map((entries) => new Map(entries)) } : { failures: fc.nat() }
  const of = (code: number, model: Record<string, fastCheck.Arbitrary<unknown>>): fastCheck.Arbitrary<readonly [number, ErrorDetails]> =>
    fc.record(model).map((details) => [code, 'reasons' in details ? { ...details, failures: (details['reasons'] as Map<string, number>).size } : details] as const)
  return fc.oneof(
    of(errorCodes.SERVER_ERROR, {}), of(errorCodes.CDC_WRITE_FAILURE, {}), of(0x4321, {}), of(errorCodes.UNAVAILABLE, { consistency, required: fc.nat(), alive: fc.nat() }),
    of(errorCodes.WRITE_TIMEOUT, { ...progress, writeType }).map(([code, details]) => [code, version >= 5 && details.writeType === 'CAS' ? { ...details, contentions: 7 } : details] as const),
    of(errorCodes.READ_TIMEOUT, { ...progress, dataPresent: fc.boolean() }), of(errorCodes.READ_FAILURE, { ...progress, ...failures, dataPresent: fc.boolean() }),
    of(errorCodes.WRITE_FAILURE, { ...progress, ...failures, writeType }), of(errorCodes.CAS_WRITE_UNKNOWN, progress), of(errorCodes.ALREADY_EXISTS, { keyspace: text, table: text }),
    of(errorCodes.FUNCTION_FAILURE, { keyspace: text, function: text, argumentTypes: fc.array(text, { maxLength: 3 }) }), of(errorCodes.UNPREPARED, { id: bytes }),
  )
}

const schemaChange = fc.oneof(
  fc.record({ change: fc.constantFrom('CREATED' as const, 'DROPPED' as const), target: fc.constant('KEYSPACE' as const), keyspace: text }),
  fc.record({ change: fc.constant('UPDATED' as const), target: fc.constantFrom('TABLE' as const, 'TYPE' as const), keyspace: text, name: text }),
  fc.record({ change: fc.constant('CREATED' as const), target: fc.constantFrom('FUNCTION' as const, 'AGGREGATE' as const), keyspace: text, name: text, argumentTypes: fc.array(text, { maxLength: 3 }) }),
)

function rowsMessage(): fastCheck.Arbitrary<Message> {
  return fc.tuple(columns, fc.boolean(), optional(bytes), optional(bytes), fc.nat(3)).chain(([specs, known, pagingState, newMetadataId, count]) =>
    fc.array(fc.array(fc.option(bytes), { minLength: specs.length, maxLength: specs.length }), { minLength: count, maxLength: count }).map((rows): Message => ({
      type: 'RESULT', kind: 'ROWS', metadata: { columnCount: specs.length, columns: known ? specs : undefined, pagingState, newMetadataId }, rows,
    })))
}

/** Any message of either side that the version can express. */
export function messageOf(version: ProtocolVersion): fastCheck.Arbitrary<Message> {
  const stringMap = fc.array(fc.tuple(text, text), { maxLength: 4 }).map((entries) => new Map(entries))
  const token = fc.option(bytes)
  const batchStatement = fc.oneof(fc.record({ query: text, values: fc.array(rawValue(version), { maxLength: 3 }) }), fc.record({ id: bytes, values: fc.array(rawValue(version), { maxLength: 3 }) }))
  const prepared = fc.tuple(bytes, bytes, fc.oneof(columns, fc.constant([])), fc.array(fc.nat(3), { maxLength: 2 }), optional(columns)).map(([id, metadataId, variables, partitionKey, result]): Message => ({
    type: 'RESULT', kind: 'PREPARED', id, resultMetadataId: version >= 5 ? metadataId : undefined, variables: { columns: variables, partitionKey: version >= 4 ? partitionKey : [] },
    result: { columnCount: result?.length ?? 0, columns: result, pagingState: undefined, newMetadataId: undefined },
  }))
  return fc.oneof<fastCheck.Arbitrary<Message>[]>(
    stringMap.map((options) => ({ type: 'STARTUP', options })), fc.constant({ type: 'OPTIONS' }), fc.constant({ type: 'READY' }),
    fc.record({ query: text, parameters: parameters(version) }).map((m) => ({ type: 'QUERY', ...m })),
    fc.record({ query: text, keyspace: version >= 5 ? optional(text) : fc.constant(undefined) }).map((m) => dense({ type: 'PREPARE', ...m })),
    fc.record({ id: bytes, resultMetadataId: version >= 5 ? bytes : fc.constant(undefined), parameters: parameters(version) }).map((m) => dense({ type: 'EXECUTE', ...m })),
    fc.array(text, { maxLength: 3 }).map((events) => ({ type: 'REGISTER', events })), token.map((value) => ({ type: 'AUTH_RESPONSE', token: value })),
    fc.record({ batchType: fc.constantFrom('logged' as const, 'unlogged' as const, 'counter' as const), statements: fc.array(batchStatement, { maxLength: 3 }), parameters: fc.record({ consistency, ...tail(version) }).map(dense) }).map((m) => ({ type: 'BATCH', ...m })),
    fc.tuple(errorDetails(version), text).map(([[code, details], message]) => ({ type: 'ERROR', code, message, details })),
    text.map((authenticator) => ({ type: 'AUTHENTICATE', authenticator })), token.map((value) => ({ type: 'AUTH_CHALLENGE', token: value })), token.map((value) => ({ type: 'AUTH_SUCCESS', token: value })),
    fc.array(fc.tuple(text, fc.array(text, { maxLength: 3 })), { maxLength: 3 }).map((entries) => ({ type: 'SUPPORTED', options: new Map(entries) })),
    fc.constant({ type: 'RESULT', kind: 'VOID' }), text.map((keyspace) => ({ type: 'RESULT', kind: 'SET_KEYSPACE', keyspace })), schemaChange.map((change) => ({ type: 'RESULT', kind: 'SCHEMA_CHANGE', ...change })),
    rowsMessage(), prepared,
    fc.record({ event: fc.constant('TOPOLOGY_CHANGE' as const), change: fc.constantFrom('NEW_NODE' as const, 'REMOVED_NODE' as const), node: address }).map((m) => ({ type: 'EVENT', ...m })),
    fc.record({ event: fc.constant('STATUS_CHANGE' as const), change: fc.constantFrom('UP' as const, 'DOWN' as const), node: address }).map((m) => ({ type: 'EVENT', ...m })),
    schemaChange.map((change) => ({ type: 'EVENT', event: 'SCHEMA_CHANGE', ...change })),
  )
}

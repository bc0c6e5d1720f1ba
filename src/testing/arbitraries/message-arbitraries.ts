import { unset } from '../../codecs/index.js'
import type { Column } from '../../codecs/index.js'
import { consistencies, errorCodes } from '../../protocol/index.js'
import type { Consistency, ErrorDetails, Message, MessageExtras, ProtocolVersion, QueryParameters, RawValue } from '../../protocol/index.js'
import { dense } from './fast-check.js'
import type { Arbitrary, Draws, FastCheck, Model } from './fast-check.js'
import type { TypeArbitraries } from './type-arbitraries.js'

/** Arbitraries of messages. */
export interface MessageArbitraries {
  /** Any message of client or server that a version can express, in the form that decoding gives it. */
  message(version: ProtocolVersion): Arbitrary<Message>
  /** What may accompany a message of one side. */
  extras(version: ProtocolVersion, from: 'client' | 'server'): Arbitrary<MessageExtras>
  /** Columns of a result. */
  readonly columns: Arbitrary<Column[]>
}

/** Makes {@link MessageArbitraries}. */
export function messageArbitraries(fc: FastCheck, shared: Draws, types: TypeArbitraries): MessageArbitraries {
  const { bytes, text, int32, optional, record } = shared
  const blob = bytes()
  const consistency: Arbitrary<Consistency> = fc.constantFrom(...consistencies)
  const stringMap = fc.array(fc.tuple(text, text), { maxLength: 4 }).map((entries) => new Map(entries))
  const token = fc.option(blob)
  const columns: Arbitrary<Column[]> = fc.array(
    record<Column>({ name: text, type: types.type(2), keyspace: fc.constantFrom('k', 'other'), table: fc.constantFrom('t', 'u') }), { minLength: 1, maxLength: 4 })

  const since = <T>(version: ProtocolVersion, least: ProtocolVersion, arbitrary: Arbitrary<T>): Arbitrary<T | undefined> => (version >= least ? optional(arbitrary) : fc.constant(undefined))
  const rawValue = (version: ProtocolVersion): Arbitrary<RawValue> => (version >= 4 ? fc.oneof(blob, fc.constant(null), fc.constant(unset)) : fc.oneof(blob, fc.constant(null)))
  const tail = (version: ProtocolVersion) => ({
    serialConsistency: optional(fc.constantFrom('serial' as const, 'localSerial' as const)),
    timestamp: optional(fc.bigInt({ min: -(2n ** 63n) + 1n, max: 2n ** 63n - 1n })),
    keyspace: since(version, 5, text),
    nowInSeconds: since(version, 5, int32),
  })
  const parameters = (version: ProtocolVersion): Arbitrary<QueryParameters> => {
    const inOrder = fc.array(rawValue(version), { maxLength: 4 })
    const byName = fc.array(fc.tuple(text, rawValue(version)), { maxLength: 3 }).map((entries) => new Map(entries))
    return record<QueryParameters>({
      consistency, values: optional(fc.oneof(inOrder, byName)), skipMetadata: optional(fc.constant(true)), pageSize: optional(fc.nat()), pagingState: optional(blob), ...tail(version),
    }).map(dense)
  }

  const errorDetails = (version: ProtocolVersion): Arbitrary<readonly [number, ErrorDetails]> => {
    const progress = { consistency, received: fc.nat(), required: fc.nat() }
    const writeType = fc.constantFrom('SIMPLE' as const, 'BATCH' as const, 'CAS' as const, 'VIEW' as const)
    const reasons = fc.uniqueArray(fc.tuple(fc.ipV4(), fc.nat(65_535)), { selector: ([address]) => address, maxLength: 3 }).map((entries) => new Map(entries))
    const failures = version >= 5 ? { reasons } : { failures: fc.nat() }
    const of = (code: number, model: Partial<Model<ErrorDetails>>): Arbitrary<readonly [number, ErrorDetails]> =>
      record<ErrorDetails>(model as Model<ErrorDetails>).map((details) => [code, details.reasons ? { ...details, failures: details.reasons.size } : details] as const)
    return fc.oneof(
      of(errorCodes.SERVER_ERROR, {}), of(errorCodes.CDC_WRITE_FAILURE, {}), of(0x4321, {}),
      of(errorCodes.UNAVAILABLE, { consistency, required: fc.nat(), alive: fc.nat() }),
      fc.tuple(of(errorCodes.WRITE_TIMEOUT, { ...progress, writeType }), fc.nat(65_535))
        .map(([[code, details], contentions]) => [code, version >= 5 && details.writeType === 'CAS' ? { ...details, contentions } : details] as const),
      of(errorCodes.READ_TIMEOUT, { ...progress, dataPresent: fc.boolean() }),
      of(errorCodes.READ_FAILURE, { ...progress, ...failures, dataPresent: fc.boolean() }),
      of(errorCodes.WRITE_FAILURE, { ...progress, ...failures, writeType }),
      of(errorCodes.CAS_WRITE_UNKNOWN, progress),
      of(errorCodes.ALREADY_EXISTS, { keyspace: text, table: text }),
      of(errorCodes.FUNCTION_FAILURE, { keyspace: text, function: text, argumentTypes: fc.array(text, { maxLength: 3 }) }),
      of(errorCodes.UNPREPARED, { id: blob }),
    )
  }

  const schemaChange = fc.oneof(
    record({ change: fc.constantFrom('CREATED' as const, 'DROPPED' as const), target: fc.constant('KEYSPACE' as const), keyspace: text }),
    record({ change: fc.constant('UPDATED' as const), target: fc.constantFrom('TABLE' as const, 'TYPE' as const), keyspace: text, name: text }),
    record({ change: fc.constant('CREATED' as const), target: fc.constantFrom('FUNCTION' as const, 'AGGREGATE' as const), keyspace: text, name: text, argumentTypes: fc.array(text, { maxLength: 3 }) }),
  )
  const node = record({ address: fc.ipV4(), port: fc.nat(65_535) })

  const rows: Arbitrary<Message> = fc.tuple(columns, fc.boolean(), optional(blob), optional(blob), fc.nat(3)).chain(([specs, known, pagingState, newMetadataId, count]) =>
    fc.array(fc.array(fc.option(blob), { minLength: specs.length, maxLength: specs.length }), { minLength: count, maxLength: count }).map((cells): Message => ({
      type: 'RESULT', kind: 'ROWS', metadata: { columnCount: specs.length, columns: known ? specs : undefined, pagingState, newMetadataId }, rows: cells,
    })))
  const prepared = (version: ProtocolVersion): Arbitrary<Message> =>
    fc.tuple(blob, blob, fc.oneof(columns, fc.constant([])), fc.array(fc.nat(3), { maxLength: 2 }), optional(columns)).map(([id, metadataId, variables, partitionKey, result]) => ({
      type: 'RESULT', kind: 'PREPARED', id, resultMetadataId: version >= 5 ? metadataId : undefined, variables: { columns: variables, partitionKey: version >= 4 ? partitionKey : [] },
      result: { columnCount: result?.length ?? 0, columns: result, pagingState: undefined, newMetadataId: undefined },
    }))
  const batchStatement = (version: ProtocolVersion) => {
    const values = fc.array(rawValue(version), { maxLength: 3 })
    return fc.oneof(record({ query: text, values }), record({ id: blob, values }))
  }

  const message = (version: ProtocolVersion): Arbitrary<Message> => fc.oneof<Arbitrary<Message>[]>(
    stringMap.map((options) => ({ type: 'STARTUP', options })), fc.constant({ type: 'OPTIONS' }), fc.constant({ type: 'READY' }),
    record({ query: text, parameters: parameters(version) }).map((m) => ({ type: 'QUERY', ...m })),
    record({ query: text, keyspace: since(version, 5, text) }).map((m) => dense({ type: 'PREPARE', ...m })),
    record({ id: blob, resultMetadataId: version >= 5 ? blob : fc.constant(undefined), parameters: parameters(version) }).map((m) => dense({ type: 'EXECUTE', ...m })),
    fc.array(text, { maxLength: 3 }).map((events) => ({ type: 'REGISTER', events })), token.map((value) => ({ type: 'AUTH_RESPONSE', token: value })),
    record({ batchType: fc.constantFrom('logged' as const, 'unlogged' as const, 'counter' as const), statements: fc.array(batchStatement(version), { maxLength: 3 }), parameters: record({ consistency, ...tail(version) }).map(dense) })
      .map((m) => ({ type: 'BATCH', ...m })),
    fc.tuple(errorDetails(version), text).map(([[code, details], explanation]) => ({ type: 'ERROR', code, message: explanation, details })),
    text.map((authenticator) => ({ type: 'AUTHENTICATE', authenticator })), token.map((value) => ({ type: 'AUTH_CHALLENGE', token: value })), token.map((value) => ({ type: 'AUTH_SUCCESS', token: value })),
    fc.array(fc.tuple(text, fc.array(text, { maxLength: 3 })), { maxLength: 3 }).map((entries) => ({ type: 'SUPPORTED', options: new Map(entries) })),
    fc.constant({ type: 'RESULT', kind: 'VOID' }), text.map((keyspace) => ({ type: 'RESULT', kind: 'SET_KEYSPACE', keyspace })), schemaChange.map((change) => ({ type: 'RESULT', kind: 'SCHEMA_CHANGE', ...change })),
    rows, prepared(version),
    record({ event: fc.constant('TOPOLOGY_CHANGE' as const), change: fc.constantFrom('NEW_NODE' as const, 'REMOVED_NODE' as const), node }).map((m) => ({ type: 'EVENT', ...m })),
    record({ event: fc.constant('STATUS_CHANGE' as const), change: fc.constantFrom('UP' as const, 'DOWN' as const), node }).map((m) => ({ type: 'EVENT', ...m })),
    schemaChange.map((change) => ({ type: 'EVENT', event: 'SCHEMA_CHANGE', ...change })),
    fc.constantFrom('CLIENT_ROUTES_CHANGE', 'TRACE_COMPLETE').map((event) => ({ type: 'EVENT', event: 'UNKNOWN', name: event })),
  )

  const extras = (version: ProtocolVersion, from: 'client' | 'server'): Arbitrary<MessageExtras> => record<MessageExtras>({
    tracing: from === 'client' ? optional(fc.constant(true)) : fc.constant(undefined),
    tracingId: from === 'server' ? optional(fc.uuid()) : fc.constant(undefined),
    warnings: from === 'server' ? since(version, 4, fc.array(text, { maxLength: 2 })) : fc.constant(undefined),
    payload: since(version, 4, fc.array(fc.tuple(text, token), { maxLength: 2 }).map((entries) => new Map(entries))),
  })
  return { message, extras, columns }
}

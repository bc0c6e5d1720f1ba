import { describe, expect, test } from 'vitest'
import { ByteReader, ByteWriter, isCqlError } from '../../src/base/index.js'
import { decodeError, encodeBody, errorCodes, errorMessage, ServerError, serverErrorOf } from '../../src/protocol/index.js'
import type { ErrorDetails } from '../../src/protocol/index.js'

const progress = { consistency: 'quorum', received: 1, required: 2 } as const
const reasons = new Map([['10.0.0.1', 4]])

/** Name of the class, its code and outcome, and the details that become its fields. */
const table: readonly (readonly [name: keyof typeof errorCodes, className: string, code: string, outcome: string, details?: ErrorDetails])[] = [
  ['SERVER_ERROR', 'InternalServerError', 'CQL_INTERNAL_SERVER_ERROR', 'undetermined'],
  ['PROTOCOL_ERROR', 'ServerProtocolError', 'CQL_SERVER_PROTOCOL_ERROR', 'permanent'],
  ['UNAVAILABLE', 'UnavailableError', 'CQL_UNAVAILABLE', 'retryable', { consistency: 'quorum', required: 2, alive: 1 }],
  ['OVERLOADED', 'OverloadedError', 'CQL_OVERLOADED', 'retryable'],
  ['IS_BOOTSTRAPPING', 'BootstrappingError', 'CQL_BOOTSTRAPPING', 'retryable'],
  ['TRUNCATE_ERROR', 'TruncateError', 'CQL_TRUNCATE_ERROR', 'undetermined'],
  ['WRITE_TIMEOUT', 'WriteTimeoutError', 'CQL_WRITE_TIMEOUT', 'undetermined', { ...progress, writeType: 'CAS', contentions: 3 }],
  ['READ_TIMEOUT', 'ReadTimeoutError', 'CQL_READ_TIMEOUT', 'retryable', { ...progress, dataPresent: true }],
  ['READ_FAILURE', 'ReadFailureError', 'CQL_READ_FAILURE', 'permanent', { ...progress, failures: 1, reasons, dataPresent: false }],
  ['WRITE_FAILURE', 'WriteFailureError', 'CQL_WRITE_FAILURE', 'undetermined', { ...progress, failures: 1, reasons, writeType: 'SIMPLE' }],
  ['CAS_WRITE_UNKNOWN', 'CasWriteUnknownError', 'CQL_CAS_WRITE_UNKNOWN', 'undetermined', progress],
  ['CDC_WRITE_FAILURE', 'CdcWriteFailureError', 'CQL_CDC_WRITE_FAILURE', 'undetermined'],
  ['SYNTAX_ERROR', 'CqlSyntaxError', 'CQL_SYNTAX_ERROR', 'permanent'],
  ['UNAUTHORIZED', 'UnauthorizedError', 'CQL_UNAUTHORIZED', 'permanent'],
  ['INVALID', 'InvalidQueryError', 'CQL_INVALID_QUERY', 'permanent'],
  ['CONFIG_ERROR', 'ConfigError', 'CQL_CONFIG_ERROR', 'permanent'],
  ['FUNCTION_FAILURE', 'FunctionFailureError', 'CQL_FUNCTION_FAILURE', 'permanent', { keyspace: 'k', function: 'f', argumentTypes: ['int'] }],
  ['ALREADY_EXISTS', 'AlreadyExistsError', 'CQL_ALREADY_EXISTS', 'permanent', { keyspace: 'k', table: 't' }],
  ['UNPREPARED', 'UnpreparedError', 'CQL_UNPREPARED', 'retryable', { id: Uint8Array.of(1, 2) }],
]

describe('each error of the protocol', () => {
  test.each(table.map(([name, className, code, outcome, details = {}]) => ({ name, className, code, outcome, details })))('$name is a $className', ({ name, className, code, outcome, details }) => {
    const message = errorMessage(errorCodes[name], 'what happened', details)
    const writer = new ByteWriter()
    encodeBody(writer, message, 5)
    const error = serverErrorOf(decodeError(new ByteReader(writer.toBytes()), 5), 'node:9042')
    expect(error).toBeInstanceOf(ServerError)
    expect(isCqlError(error)).toBe(true)
    expect({ name: error.name, code: error.code, outcome: error.outcome, message: error.message, protocolCode: error.protocolCode, node: error.node })
      .toEqual({ name: className, code, outcome, message: 'what happened', protocolCode: errorCodes[name], node: 'node:9042' })
    for (const [field, value] of Object.entries(details)) expect((error as unknown as Record<string, unknown>)[field], field).toEqual(value)
  })

  test('one that is not known keeps its number', () => {
    const error = serverErrorOf(errorMessage(0x7777, 'new'), 'n')
    expect([error.constructor, error.name, error.code, error.outcome, error.protocolCode]).toEqual([ServerError, 'ServerError', 'CQL_SERVER_ERROR', 'undetermined', 0x7777])
  })

  test('the rate limit of ScyllaDB has a number of the server\'s own', () => {
    const writer = new ByteWriter()
    encodeBody(writer, errorMessage(0x4321, 'too many', { operation: 'write', rejectedByCoordinator: true }), 4)
    const error = serverErrorOf(decodeError(new ByteReader(writer.toBytes()), 4, 0x4321), 'n')
    expect(error).toMatchObject({ name: 'RateLimitError', outcome: 'retryable', operation: 'write', rejectedByCoordinator: true })
    const read = new ByteWriter()
    encodeBody(read, errorMessage(0x4321, 'too many', { operation: 'read' }), 4)
    expect(decodeError(new ByteReader(read.toBytes()), 4, 0x4321).details).toEqual({ operation: 'read', rejectedByCoordinator: false })
    expect(decodeError(new ByteReader(read.toBytes()), 4).details, 'without that number it is any error').toEqual({})
  })

  test('what a server leaves out is written as nothing', () => {
    for (const name of Object.keys(errorCodes) as (keyof typeof errorCodes)[]) {
      for (const version of [3, 4, 5] as const) {
        const writer = new ByteWriter()
        encodeBody(writer, errorMessage(errorCodes[name], ''), version)
        expect(decodeError(new ByteReader(writer.toBytes()), version).code, name).toBe(errorCodes[name])
      }
    }
    const writer = new ByteWriter()
    encodeBody(writer, errorMessage(errorCodes.WRITE_TIMEOUT, '', { writeType: 'CAS' }), 5)
    expect(decodeError(new ByteReader(writer.toBytes()), 5).details).toEqual({ consistency: 'one', received: 0, required: 0, writeType: 'CAS', contentions: 0 })
  })
})

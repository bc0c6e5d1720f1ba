/** Versions of the native protocol that can be spoken. Version 6 is beta in Cassandra and refused by name. */
export type ProtocolVersion = 3 | 4 | 5

/** All versions that can be spoken, lowest first. */
export const protocolVersions: readonly ProtocolVersion[] = [3, 4, 5]

/** Message kinds and their numbers (native_protocol_v5.spec section 2.4). */
export const opcodes = {
  ERROR: 0x00, STARTUP: 0x01, READY: 0x02, AUTHENTICATE: 0x03, OPTIONS: 0x05, SUPPORTED: 0x06, QUERY: 0x07, RESULT: 0x08, PREPARE: 0x09,
  EXECUTE: 0x0a, REGISTER: 0x0b, EVENT: 0x0c, BATCH: 0x0d, AUTH_CHALLENGE: 0x0e, AUTH_RESPONSE: 0x0f, AUTH_SUCCESS: 0x10,
} as const

/** The name of a message kind. */
export type OpcodeName = keyof typeof opcodes

/** Flags of an envelope's header (section 2.2). */
export const headerFlags = { compressed: 0x01, tracing: 0x02, payload: 0x04, warning: 0x08, beta: 0x10 } as const

const consistencyCodes = {
  any: 0x00, one: 0x01, two: 0x02, three: 0x03, quorum: 0x04, all: 0x05, localQuorum: 0x06, eachQuorum: 0x07, serial: 0x08, localSerial: 0x09, localOne: 0x0a, node: 0x0b,
} as const

/** A consistency level; `node` is known to newer servers only. */
export type Consistency = keyof typeof consistencyCodes

/** All consistency levels. */
export const consistencies = Object.keys(consistencyCodes) as readonly Consistency[]

const consistencyNames = new Map<number, Consistency>(consistencies.map((name) => [consistencyCodes[name], name]))

/** The number of a consistency level. */
export function consistencyCode(name: Consistency): number {
  // A property whose name changes from call to call is looked up anew each time: the usual ones are told apart before.
  return name === 'localQuorum' ? 6 : name === 'serial' ? 8 : name === 'localOne' ? 10 : name === 'one' ? 1 : consistencyCodes[name]
}

/** The name of a consistency level's number, or undefined when there is none. */
export function consistencyName(code: number): Consistency | undefined {
  return consistencyNames.get(code)
}

/**
 * cluster: what a cluster looks like, as plain data.
 *
 * Here: nodes and topology from rows of the system tables, tokens. Next to come: replicas and the schema model.
 * Not here: anything that opens a connection. Read `node-info.ts` first.
 */
export { localNode, peerNode } from './node-info.js'
export type { NodeInfo, Topology } from './node-info.js'
export { compareTokens, murmur3Token, tokenToBigInt } from './murmur3.js'
export type { Token } from './murmur3.js'

/**
 * server: a CQL server in this process.
 *
 * Here: the server (`cql-server.ts`) and its nodes (`server-node.ts`), one client's side of the protocol (`session.ts`), statements (`database.ts`, `select.ts`,
 * `modification.ts`, `schema-statements.ts`), data (`table-store.ts`). Not here: the language (`cql/`) and bytes (`protocol/`).
 * Read `cql-server.ts`, then `database.ts`.
 */
export { CqlServer } from './cql-server.js'
export type { CqlServerOptions } from './cql-server.js'
export type { ServerNode } from './server-node.js'
export { JournalCorruptError } from './replay.js'
export { FaultRules, responseOf } from './fault-rules.js'
export type { FaultRule, NamedFault, SeenRequest } from './fault-rules.js'
export type { Database, NodeIdentity } from './database.js'
export type { ServerCredentials } from './roles.js'

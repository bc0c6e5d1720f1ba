import type { ProtocolVersion } from '../protocol/index.js'

/** How a client learns of its cluster: by a connection of its own that hears of changes, or by the only one that it has. */
export interface ClusterLink {
  /** The version of the protocol that was agreed on, or fixed by the user. */
  readonly version: ProtocolVersion | undefined
  /** The flag of PREPARED that marks lightweight transactions; 0 for none. */
  readonly lwtMask: number
  /** @throws NoNodeAvailableError with every attempt when no node can be reached */
  connect(): Promise<void>
  /** Runs a query of the client's own and decodes its rows. */
  query(query: string): Promise<Record<string, unknown>[]>
  /** Reads the nodes again. */
  refresh(): Promise<void>
  /** @throws InvalidQueryError when there is no such keyspace */
  checkKeyspace(keyspace: string): Promise<void>
  /** Forgets everything, so that `connect` can begin anew. */
  reset(): void
  close(): void
}

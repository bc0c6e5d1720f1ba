import { fromHex, Lru, OptionError, toHex } from '../base/index.js'
import type { NodeInfo, Topology } from '../cluster/index.js'
import type { PreparedMessage, ProtocolVersion } from '../protocol/index.js'

/** Statements whose metadata is kept. */
const CAPACITY = 1000
/** Of the form that `toJSON` gives. */
const FORMAT = 1

/** What is kept of a cluster, in JSON's own types. */
interface Kept {
  readonly format: number
  readonly version: ProtocolVersion | undefined
  readonly lwtMask: number
  readonly topology: Topology | undefined
  readonly dataCenter: string | undefined
  readonly prepared: readonly (readonly [key: string, message: unknown])[]
}

/**
 * What clients of `mode: 'request'` have learned and leave to the next one: nodes, the version of the protocol, what prepared statements are like.
 * Plain data: it may be kept by a module whose requests share nothing else, and written down as JSON.
 *
 * @example
 * ```ts
 * import { Client, SharedData } from 'cqlwire'
 * const shared = new SharedData()
 * export default {
 *   async fetch(): Promise<Response> {
 *     await using client = await Client.connect({ contactPoints: ['cassandra.example.com'], mode: 'request', shared })
 *     return new Response(await client.json('SELECT * FROM shop.items'))
 *   },
 * }
 * ```
 */
export class SharedData {
  /** The highest version that the cluster spoke. */
  version: ProtocolVersion | undefined
  /** The flag of PREPARED that marks lightweight transactions; 0 for none. */
  lwtMask = 0
  /** The nodes, without their tokens. */
  topology: Topology | undefined
  /** That of the first contact point. */
  dataCenter: string | undefined
  readonly #prepared = new Lru<string, PreparedMessage>(CAPACITY)

  /**
   * What was written down.
   *
   * @param text JSON of a `SharedData`
   * @throws OptionError when it is none, or of another version of this package
   */
  static from(text: string): SharedData {
    let kept: Kept
    try {
      kept = JSON.parse(text, (_, value: unknown) => (isHex(value) ? fromHex(value.$hex) : value)) as Kept
    } catch {
      throw new OptionError('shared', 'What SharedData.from is given is not JSON')
    }
    if (kept === null || typeof kept !== 'object' || kept.format !== FORMAT || !Array.isArray(kept.prepared)) throw new OptionError('shared', 'What SharedData.from is given was not written by this version of cqlwire: begin with a new SharedData()')
    const shared = new SharedData()
    shared.version = kept.version ?? undefined
    shared.lwtMask = kept.lwtMask
    shared.topology = kept.topology ?? undefined
    shared.dataCenter = kept.dataCenter ?? undefined
    for (const [key, message] of kept.prepared) shared.#prepared.set(key, message as PreparedMessage)
    return shared
  }

  /** For `JSON.stringify`. */
  toJSON(): object {
    const kept: Kept = { format: FORMAT, version: this.version, lwtMask: this.lwtMask, topology: this.topology, dataCenter: this.dataCenter, prepared: [...this.#prepared].map(([key, message]) => [key, withHex(message)]) }
    return kept
  }

  /** Takes note of a cluster. @param node the one that has told of it */
  learn(version: ProtocolVersion, lwtMask: number, topology: Topology, node: NodeInfo): void {
    this.version = version
    this.lwtMask = lwtMask
    this.topology = { ...topology, nodes: topology.nodes.map((each) => ({ ...each, tokens: [] })) }
    this.dataCenter = node.dataCenter
  }

  /** What PREPARE has told of a statement. */
  prepared(keyspace: string | undefined, query: string): PreparedMessage | undefined {
    return this.#prepared.get(statementKey(keyspace, query))
  }

  /** Takes note of what PREPARE, or a result of other columns, has told. */
  learnPrepared(keyspace: string | undefined, query: string, message: PreparedMessage): void {
    this.#prepared.set(statementKey(keyspace, query), message)
  }
}

/** A statement in a keyspace, as one text. */
export function statementKey(keyspace: string | undefined, query: string): string {
  return `${keyspace ?? ''}\0${query}`
}

function isHex(value: unknown): value is { readonly $hex: string } {
  return typeof value === 'object' && value !== null && typeof (value as { $hex?: unknown }).$hex === 'string'
}

/** A value with its bytes as text. */
function withHex(value: unknown): unknown {
  if (value instanceof Uint8Array) return { $hex: toHex(value) }
  if (Array.isArray(value)) return value.map(withHex)
  return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value).map(([name, part]) => [name, withHex(part)])) : value
}

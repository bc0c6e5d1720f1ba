import { shardingOf } from '../cluster/index.js'
import type { ShardingInfo } from '../cluster/index.js'

/**
 * What a node speaks beyond the specification, as its SUPPORTED says: extensions of ScyllaDB.
 *
 * @see https://github.com/scylladb/scylladb/blob/master/docs/dev/protocol-extensions.md
 */
export interface ServerExtensions {
  /** How the node divides its data among cores. */
  readonly sharding: ShardingInfo | undefined
  /** The flag of PREPARED that marks lightweight transactions; 0 for none. */
  readonly lwtMask: number
  /** The code that the node has chosen for its rate limit error. */
  readonly rateLimitCode: number | undefined
  /** Whether answers to misrouted requests tell where the tablet is. */
  readonly tablets: boolean
  /** What STARTUP has to repeat so that they are used. */
  readonly startup: ReadonlyMap<string, string>
}

/** Those of a node that speaks the specification and nothing else. */
export const noExtensions: ServerExtensions = { sharding: undefined, lwtMask: 0, rateLimitCode: undefined, tablets: false, startup: new Map() }

const LWT = 'SCYLLA_LWT_ADD_METADATA_MARK'
const RATE_LIMIT = 'SCYLLA_RATE_LIMIT_ERROR'
const TABLETS = 'TABLETS_ROUTING_V1'

/** The extensions that a node offers and that are understood here. */
export function extensionsOf(supported: ReadonlyMap<string, readonly string[]>): ServerExtensions {
  const startup = new Map<string, string>()
  const number = (name: string, prefix: string): number | undefined => {
    const value = supported.get(name)?.[0]
    const parsed = value?.startsWith(prefix) === true ? Number.parseInt(value.slice(prefix.length), 10) : Number.NaN
    if (Number.isNaN(parsed)) return undefined
    startup.set(name, value!)
    return parsed
  }
  const sharding = shardingOf(supported)
  const lwtMask = number(LWT, 'LWT_OPTIMIZATION_META_BIT_MASK=') ?? 0
  const rateLimitCode = number(RATE_LIMIT, 'ERROR_CODE=')
  const tablets = supported.has(TABLETS)
  if (tablets) startup.set(TABLETS, supported.get(TABLETS)?.[0] ?? '')
  return { sharding, lwtMask, rateLimitCode, tablets, startup }
}

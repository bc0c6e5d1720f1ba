import { OptionError } from '../base/index.js'
import type { Clock } from '../base/index.js'
import type { CqlToken } from '../cluster/index.js'
import type { ColumnarOptions, EncodingOptions, JsonOptions, RowMode, ValueMapping } from '../codecs/index.js'
import type { AddressTranslator, LoadBalancingPolicy, ReconnectionPolicy, RetryPolicy, SpeculationPolicy, TimestampGenerator } from '../policies/index.js'
import type { AuthOption } from '../pool/index.js'
import { consistencies } from '../protocol/index.js'
import type { BytesMap, CompressionName, Consistency, ProtocolVersion } from '../protocol/index.js'
import type { Connect, TlsOptions } from '../transport/index.js'
import { SharedData } from './shared-data.js'
import type { SchemaScope } from './schema-cache.js'

/** Options of one request. Those of the client, and of {@link Client.with}, are the defaults. */
export interface RequestOptions {
  /** How many replicas must answer. @default 'localQuorum' */
  readonly consistency?: Consistency | undefined
  /** For the conditions of lightweight transactions. @default 'serial' */
  readonly serialConsistency?: 'serial' | 'localSerial' | undefined
  /** Rows per page. @default 5000 */
  readonly pageSize?: number | undefined
  /** Where to go on: the `pageState` of an earlier result of the same statement. @default the beginning */
  readonly pageState?: Uint8Array | undefined
  /** Collects all pages into one result. @default false */
  readonly autoPage?: boolean | undefined
  /** The most rows that `autoPage` collects before it throws. @default 100000 */
  readonly maxRows?: number | undefined
  /** Everything of one call: queue, prepare, retries; in milliseconds. @default 10000 */
  readonly timeoutMs?: number | undefined
  /** After that many milliseconds an idempotent request goes on to the next node. @default 2000 */
  readonly attemptTimeoutMs?: number | undefined
  /** Gives up waiting; the server is not cancelled. @default none */
  readonly signal?: AbortSignal | undefined
  /** Whether running it twice does no harm, so that it may be retried. @default true for statements that begin with SELECT, else false */
  readonly idempotent?: boolean | undefined
  /** Microseconds since 1970 that writes are dated with. @default the policy's: rising, from this machine's clock */
  readonly timestamp?: bigint | number | undefined
  /** The keyspace of unqualified names; protocol v5, or set with `client.with({ keyspace })`. @default the client's */
  readonly keyspace?: string | undefined
  /** Seconds since 1970 that TTLs are counted from; protocol v5. @default the server's clock */
  readonly nowInSeconds?: number | undefined
  /** Has the server trace it; `result.info.traceId` identifies the trace, `client.trace` fetches it. @default false */
  readonly tracing?: boolean | undefined
  /** Custom payload for the server's query handler; protocol v4 and later. @default none */
  readonly payload?: BytesMap | undefined
  /** Sends it to this node only: `host:port` or host id. @default as the load-balancing policy says */
  readonly node?: string | undefined
  /** @default the client's */
  readonly retry?: RetryPolicy | undefined
  /** Whether and when to ask a second node while the first one takes long; idempotent requests only. @default never */
  readonly speculation?: SpeculationPolicy | undefined
  /** Bytes of the partition key, where the client cannot know it: of statements that are not prepared. Needs a keyspace. @default what the client knows itself */
  readonly routingKey?: Uint8Array | undefined
  /** A token whose replicas it is sent to, as CQL's `token()` gives it: for statements about ranges of tokens. Unprepared, it needs a keyspace. @default none */
  readonly routingToken?: CqlToken | undefined
  /** A name from the client's `profiles`, whose options come before those of the client. @default none */
  readonly profile?: string | undefined
  /** Rows as plain objects, or as arrays in column order. @default 'object' */
  readonly rowMode?: RowMode | undefined
  /** Whether to prepare the statement first. @default when there are values */
  readonly prepare?: boolean | undefined
  /** CQL types of the values of a statement that is not prepared, in order or by name. @default none */
  readonly types?: readonly string[] | Readonly<Record<string, string>> | undefined
}

/** Request options that make sense for one request only. */
type SingleRequest = 'signal' | 'pageState' | 'node' | 'types' | 'payload' | 'timestamp' | 'nowInSeconds' | 'routingKey' | 'routingToken'

/** A named set of request options, with a policy of its own for the choice of nodes. */
export interface ProfileOptions extends Omit<RequestOptions, SingleRequest | 'profile' | 'keyspace'> {
  /** @default the client's */
  readonly loadBalancing?: LoadBalancingPolicy | undefined
}

/** Options of a view of a client. */
export type ViewOptions = Omit<RequestOptions, SingleRequest>

/** Options of a {@link Client}; those of {@link RequestOptions} are defaults of its requests. */
export interface ClientOptions extends Omit<RequestOptions, SingleRequest | 'profile'> {
  /** Where to find the cluster: `host`, `host:port` or `[v6]:port`. */
  readonly contactPoints: readonly string[]
  /** The data centre whose nodes are used. @default that of the contact points */
  readonly localDataCenter?: string | undefined
  /** The rack that this process is in: its replicas are asked first. @default none is preferred */
  readonly localRack?: string | undefined
  /** Who one is: credentials, a provider, or a function that gives either and is asked at each connection. @default none */
  readonly auth?: AuthOption | undefined
  /** Encrypts connections: `true`, or which certificates to trust and show. @default none */
  readonly tls?: boolean | TlsOptions | undefined
  /** Compresses what is sent, if the server knows the algorithm too. @default none */
  readonly compression?: CompressionName | 'none' | undefined
  /** Fixes the version of the protocol. @default the highest that both sides speak, from 5 down */
  readonly protocolVersion?: ProtocolVersion | undefined
  /**
   * What the client is for: `pool` keeps connections to all nodes near by, `request` opens one connection to one node, hears of no events, reads no schema and leaves nothing behind:
   * for a client in each request of a Worker or a function. @default 'pool'
   */
  readonly mode?: 'pool' | 'request' | undefined
  /** What clients of `mode: 'request'` have learned and leave to the next. @default nothing */
  readonly shared?: SharedData | undefined
  /** How many connections are opened, and when `connect()` is done. */
  readonly pool?: {
    /** To each local node; with ScyllaDB at least one to each of its shards. @default 1 */
    readonly connections?: number | undefined
    /** To each node of the data centres that a policy fails over to. @default 1 */
    readonly remoteConnections?: number | undefined
    /**
     * All sockets of the client together, its control connection included: beyond it, no connections to further nodes are opened. @default as many as there are nodes; 6 on
     * Cloudflare Workers, which let no more be open
     */
    readonly maxConnections?: number | undefined
    /** Whether `connect()` waits until every node has been tried, not only for the first one. @default false */
    readonly warmUp?: boolean | undefined
  } | undefined
  /** Named sets of request options, for `client.with({ profile })` and the request option of that name. @default none */
  readonly profiles?: Readonly<Record<string, ProfileOptions>> | undefined
  /** What of the schema is read and kept: everything, these keyspaces, or nothing but replication. @default 'all' */
  readonly schema?: SchemaScope | undefined
  /** Whether `connect()` goes on trying while nobody listens yet, for `true` 60,000 milliseconds. @default false */
  readonly connectRetry?: boolean | { readonly timeoutMs: number } | undefined
  /** Replacements for the client's decisions. */
  readonly policies?: {
    /** Which nodes a request is sent to, and in which order. @default tokenAware() */
    readonly loadBalancing?: LoadBalancingPolicy | undefined
    /** What follows a failed attempt. @default defaultRetry */
    readonly retry?: RetryPolicy | undefined
    /** How long to wait before connecting again. @default exponentialReconnection() */
    readonly reconnection?: ReconnectionPolicy | undefined
    /** Whether a second node is asked while the first one takes long. @default noSpeculation */
    readonly speculation?: SpeculationPolicy | undefined
    /** What writes are dated with. @default monotonicTimestamps() */
    readonly timestamps?: TimestampGenerator | undefined
    /** Where announced addresses are reached. @default where they say */
    readonly addressTranslation?: AddressTranslator | undefined
  } | undefined
  /** Which JavaScript values CQL types are read as. @default as `docs/types.md` lists them */
  readonly encoding?: EncodingOptions | 'json' | undefined
  /** Translations between CQL types and values of your own. @default none */
  readonly codecs?: readonly ValueMapping[] | undefined
  /** Opening one connection, handshake included, in milliseconds. @default 5000 */
  readonly connectTimeoutMs?: number | undefined
  /** Silence after which a connection is asked for a sign of life, in milliseconds; 0 for never. @default 30000 */
  readonly heartbeatMs?: number | undefined
  /** Requests outstanding on one connection; more wait in the queue. @default 2048 */
  readonly maxInFlight?: number | undefined
  /** Requests waiting in this client; more are refused with QueueFullError. @default 10000 */
  readonly maxQueue?: number | undefined
  /** Statements kept prepared; those used longest ago are dropped. @default 1000 */
  readonly maxPrepared?: number | undefined
  /** Bytes of one response. @default 268435456 */
  readonly maxFrameLength?: number | undefined
  /** Opens byte streams in place of the platform's sockets. @default the platform's TCP and TLS */
  readonly transport?: Connect | undefined
  /** Where time comes from; simulated in tests. @default the system's */
  readonly clock?: Clock | undefined
  /** Shown by the server in `system_views.clients`. @default none */
  readonly applicationName?: string | undefined
  /** Shown beside it. @default none */
  readonly applicationVersion?: string | undefined
}

type Check = (value: unknown) => string | undefined

const whole = (low: number, high: number = Number.MAX_SAFE_INTEGER): Check => (value) =>
  Number.isInteger(value) && (value as number) >= low && (value as number) <= high ? undefined : `a whole number from ${low}${high === Number.MAX_SAFE_INTEGER ? '' : ` to ${high}`}`
const oneOf = (...values: readonly unknown[]): Check => (value) => (values.includes(value) ? undefined : `one of ${values.join(', ')}`)
const boolean: Check = (value) => (typeof value === 'boolean' ? undefined : 'true or false')
const text: Check = (value) => (typeof value === 'string' && value !== '' ? undefined : 'a text that is not empty')
const object: Check = (value) => (typeof value === 'object' && value !== null ? undefined : 'an object')
const method = (name: string): Check => (value) => (typeof (value as Record<string, unknown> | null)?.[name] === 'function' ? undefined : `an object with a method '${name}'`)
const anything: Check = () => undefined

const requestChecks: Readonly<Record<keyof RequestOptions, Check>> = {
  consistency: oneOf(...consistencies),
  serialConsistency: oneOf('serial', 'localSerial'),
  pageSize: whole(1, 0x7fff_ffff),
  pageState: (value) => (value instanceof Uint8Array ? undefined : 'a Uint8Array'),
  autoPage: boolean,
  maxRows: whole(1),
  timeoutMs: whole(1),
  attemptTimeoutMs: whole(1),
  signal: (value) => (value instanceof AbortSignal ? undefined : 'an AbortSignal'),
  idempotent: boolean,
  timestamp: (value) => (typeof value === 'bigint' || Number.isSafeInteger(value) ? (value as number) >= 0 ? undefined : 'not negative' : 'microseconds as a bigint or safe integer'),
  keyspace: text,
  nowInSeconds: whole(0, 0x7fff_ffff),
  tracing: boolean,
  payload: (value) => (value instanceof Map ? undefined : 'a Map of names to Uint8Array or null'),
  node: text,
  retry: method('decide'),
  speculation: method('delayMs'),
  routingKey: (value) => (value instanceof Uint8Array ? undefined : 'a Uint8Array'),
  routingToken: (value) => (typeof value === 'bigint' || value instanceof Uint8Array ? undefined : 'a bigint or a Uint8Array'),
  profile: text,
  rowMode: oneOf('object', 'array'),
  prepare: boolean,
  types: object,
}

const clientChecks: Readonly<Record<Exclude<keyof ClientOptions, keyof RequestOptions>, Check>> = {
  contactPoints: (value) => (Array.isArray(value) && value.length > 0 && value.every((point) => typeof point === 'string' && point !== '') ? undefined : "a list of at least one 'host' or 'host:port'"),
  localDataCenter: text,
  localRack: text,
  auth: (value) => (typeof value === 'function' || (typeof value === 'object' && value !== null) ? undefined : 'credentials, a provider or a function'),
  tls: (value) => (typeof value === 'boolean' || (typeof value === 'object' && value !== null) ? undefined : 'true or an object'),
  compression: oneOf('lz4', 'snappy', 'none'),
  protocolVersion: oneOf(3, 4, 5),
  mode: oneOf('pool', 'request'),
  shared: (value) => (value instanceof SharedData ? undefined : 'a SharedData'),
  pool: object,
  profiles: object,
  schema: (value) => (value === 'all' || value === 'off' || (Array.isArray(value) && value.length > 0 && value.every((name) => typeof name === 'string')) ? undefined : "'all', 'off' or a list of keyspaces"),
  connectRetry: (value) => (typeof value === 'boolean' || (typeof value === 'object' && value !== null) ? undefined : 'true, false or { timeoutMs }'),
  policies: object,
  encoding: (value) => (value === 'json' || (typeof value === 'object' && value !== null) ? undefined : "an object or 'json'"),
  codecs: (value) => (Array.isArray(value) ? undefined : 'a list'),
  connectTimeoutMs: whole(1),
  heartbeatMs: whole(0),
  maxInFlight: whole(1, 32_767),
  maxQueue: whole(0),
  maxPrepared: whole(1),
  maxFrameLength: whole(1024, 0x7fff_ffff),
  transport: (value) => (typeof value === 'function' ? undefined : 'a function'),
  clock: method('schedule'),
  applicationName: text,
  applicationVersion: text,
}

function check(options: object, checks: Readonly<Record<string, Check>>, prefix = ''): void {
  for (const name of Object.keys(options)) {
    const value = (options as Record<string, unknown>)[name]
    const test = Object.hasOwn(checks, name) ? checks[name] : undefined
    if (!test) throw new OptionError(prefix + name, `Unknown option '${prefix}${name}'`)
    if (value === undefined) continue
    const wanted = test(value)
    if (wanted !== undefined) throw new OptionError(prefix + name, `Option '${prefix}${name}' must be ${wanted}`)
  }
}

/** Refuses unknown request options and wrong values. @throws OptionError naming the option */
export function checkRequestOptions(options: RequestOptions): void {
  if (typeof options !== 'object' || options === null) throw new OptionError('options', 'Options must be an object')
  check(options, requestChecks)
}

/** Refuses what `client.json` and `client.columnar` do not know of their own options. @throws OptionError naming the option */
export function checkFormOptions(json: JsonOptions, columnar: ColumnarOptions): void {
  check(json, { bigint: oneOf('string', 'number') }, 'json.')
  check(columnar, { text: oneOf('bytes', 'dictionary') }, 'columnar.')
}

const singleRequest: ReadonlySet<string> = new Set<SingleRequest>(['signal', 'pageState', 'node', 'types', 'payload', 'timestamp', 'nowInSeconds', 'routingKey', 'routingToken'])

const tlsChecks: Readonly<Record<keyof TlsOptions, Check>> = {
  ca: anything, cert: anything, key: anything, serverName: (value) => (typeof value === 'string' || typeof value === 'function' ? undefined : 'a name or a function'), verify: boolean,
}

/** Refuses unknown client options and wrong values. @throws OptionError naming the option */
export function checkClientOptions(options: ClientOptions): void {
  if (typeof options !== 'object' || options === null) throw new OptionError('options', 'Client options must be an object or a connection URL')
  for (const name of Object.keys(options)) {
    if (singleRequest.has(name)) throw new OptionError(name, `Option '${name}' belongs to single requests, not to a client`)
  }
  if (options.contactPoints === undefined) throw new OptionError('contactPoints', "Option 'contactPoints' is missing: say where the cluster is, for example ['127.0.0.1']")
  if ((options as RequestOptions).profile !== undefined) throw new OptionError('profile', "Option 'profile' belongs to requests and views: client.with({ profile })")
  check(options, { ...requestChecks, ...clientChecks })
  check(options.pool ?? {}, { connections: whole(1, 1000), remoteConnections: whole(1, 1000), maxConnections: whole(2), warmUp: boolean }, 'pool.')
  check(options.policies ?? {}, policyChecks, 'policies.')
  if (typeof options.connectRetry === 'object') check(options.connectRetry, { timeoutMs: whole(1) }, 'connectRetry.')
  for (const [name, profile] of Object.entries(options.profiles ?? {})) checkProfile(name, profile)
  if (typeof options.tls === 'object') check(options.tls, tlsChecks, 'tls.')
  if (options.shared !== undefined && options.mode !== 'request') throw new OptionError('shared', "Option 'shared' is for clients of mode 'request': others keep what they learn")
  if (options.compression === 'snappy' && options.protocolVersion === 5) throw new OptionError('compression', "Protocol version 5 knows no Snappy: use compression 'lz4', or protocolVersion 4")
}

const aFunction: Check = (value) => (typeof value === 'function' ? undefined : 'a function')
const policyChecks: Readonly<Record<string, Check>> = {
  loadBalancing: method('plan'), retry: method('decide'), reconnection: method('delayMs'), speculation: method('delayMs'), timestamps: aFunction, addressTranslation: aFunction,
}

function checkProfile(name: string, profile: ProfileOptions): void {
  const prefix = `profiles.${name}.`
  if (typeof profile !== 'object' || profile === null) throw new OptionError(`profiles.${name}`, `Option 'profiles.${name}' must be an object`)
  for (const option of Object.keys(profile)) {
    if (singleRequest.has(option) || option === 'profile' || option === 'keyspace') throw new OptionError(prefix + option, `Option '${prefix}${option}' cannot be part of a profile`)
  }
  check(profile, { ...requestChecks, loadBalancing: method('plan') }, prefix)
}

/** Which options {@link Client.with} takes: all of a request but those of a single one. */
export function checkViewOptions(options: object): void {
  for (const name of Object.keys(options)) {
    if (singleRequest.has(name)) throw new OptionError(name, `Option '${name}' belongs to single requests, not to a view of a client`)
  }
  check(options, requestChecks)
}

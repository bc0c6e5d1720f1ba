import { SeededRandom } from '../base/index.js'
import type { AddressTranslator } from '../policies/index.js'
import { listen } from '../transport/index.js'
import type { Listener } from '../transport/index.js'
import { FaultRules } from '../server/index.js'
import type { SeenRequest } from '../server/index.js'
import { ProxyLink } from './proxy-link.js'
import type { LinkOwner, Rewrite, RewriteBody } from './proxy-link.js'

/** Options of a {@link FaultProxy}. */
export interface FaultProxyOptions {
  /** `host:port` of the server, which speaks without TLS. */
  readonly target: string
  /** The address to listen on. @default '127.0.0.1' */
  readonly host?: string
  /** 0 takes a free one. @default 0 */
  readonly port?: number
  /** Of all that is left to chance. @default 1 */
  readonly seed?: number
  /**
   * Texts of prepared statements by the hexadecimal form of their ids, learned from PREPARE. Proxies in front of one cluster
   * share a map, for a statement may be prepared through one and executed through another. @default a map of its own
   */
  readonly statements?: Map<string, string>
  /** Changes responses on their way. @default they pass as they are */
  readonly rewrite?: Rewrite
  /** Changes the bytes of responses on their way, whatever becomes of them. @default they pass as they are */
  readonly rewriteBody?: RewriteBody
  /** Told what a client did that the protocol does not allow: bytes that cannot be read, or a stream id that is still in use. */
  readonly onViolation?: (explanation: string) => void
}

/**
 * Stands between clients and one server, real or embedded, understands what passes, counts it, and does it harm when told to:
 * delays, drops or answers requests that meet a rule, shuffles answers, freezes, throttles and breaks connections.
 *
 * @example
 * ```ts
 * import { FaultProxy } from 'cqlwire/testing'
 * await using proxy = await FaultProxy.start({ target: '127.0.0.1:9042' })
 * proxy.faults.add({ opcode: 'EXECUTE', matching: /users/, times: 3, respond: 'overloaded' })
 * ```
 */
export class FaultProxy implements AsyncDisposable {
  /** What is done to which requests. */
  readonly faults: FaultRules
  /** Answers that are gathered and shuffled; 1 lets them pass in their order. */
  reorder = 1
  /** Bytes that pass in each direction of each connection. */
  bytesPerSecond: number = Number.POSITIVE_INFINITY
  /**
   * Chance, from 0 to 1, that one bit of what is written at a time is turned, in either direction. Only in the segments of version 5, whose
   * checksums show it: what the earlier versions carry may be another right message then.
   */
  corruption = 0
  /** Called with each request that comes in. */
  onRequest: ((request: SeenRequest) => void) | undefined
  readonly #links = new Set<ProxyLink>()
  readonly #target: { readonly address: string; readonly port: number }
  readonly #host: string
  readonly #counts = new Map<string, { readonly request: SeenRequest; count: number }>()
  #listener!: Listener
  #frozen = false
  #refusing = false
  #accepted = 0

  private constructor({ target, host = '127.0.0.1', seed = 1 }: FaultProxyOptions) {
    const colon = target.lastIndexOf(':')
    this.#target = { address: target.slice(0, colon).replace(/^\[|\]$/g, ''), port: Number(target.slice(colon + 1)) }
    this.#host = host
    this.faults = new FaultRules(seed)
  }

  /** Starts to listen; the server is connected to when a client comes. */
  static async start(options: FaultProxyOptions): Promise<FaultProxy> {
    const proxy = new FaultProxy(options)
    const owner: LinkOwner = {
      rules: proxy.faults,
      random: new SeededRandom(options.seed ?? 1),
      rewrite: options.rewrite,
      rewriteBody: options.rewriteBody,
      onViolation: options.onViolation,
      statements: options.statements ?? new Map(),
      get reorder() { return proxy.reorder },
      get bytesPerSecond() { return proxy.bytesPerSecond },
      get corruption() { return proxy.corruption },
      onRequest: (request) => proxy.#count(request),
      onEnd: (link) => void proxy.#links.delete(link),
    }
    proxy.#listener = await listen({ host: proxy.#host, port: options.port ?? 0 }, (transport, { port }) => {
      proxy.#accepted++
      const link = new ProxyLink(owner, transport, port, proxy.#accepted)
      if (proxy.#refusing) link.cut()
      else {
        proxy.#links.add(link)
        link.frozen = proxy.#frozen
        void link.open(proxy.#target.address, proxy.#target.port)
      }
      return link.handlers
    })
    return proxy
  }

  get port(): number {
    return this.#listener.port
  }

  /** `host:port` that clients connect to. */
  get address(): string {
    return `${this.#host}:${this.port}`
  }

  /** Connections open now. */
  get connections(): number {
    return this.#links.size
  }

  /** Connections accepted since the start. */
  get accepted(): number {
    return this.#accepted
  }

  #count(request: SeenRequest): void {
    this.onRequest?.(request)
    const key = `${request.opcode} ${request.statement}`
    const entry = this.#counts.get(key)
    if (entry) entry.count++
    else this.#counts.set(key, { request, count: 1 })
  }

  /** How many requests have come in. */
  count(filter: { readonly opcode?: SeenRequest['opcode']; readonly matching?: RegExp } = {}): number {
    let sum = 0
    for (const { request, count } of this.#counts.values()) {
      if ((filter.opcode === undefined || request.opcode === filter.opcode) && (filter.matching === undefined || filter.matching.test(request.statement))) sum += count
    }
    return sum
  }

  /** Begins to count anew. */
  resetCounts(): void {
    this.#counts.clear()
  }

  /** Half-open: connections stay as they are and nothing passes, until {@link resume}. */
  freeze(): void {
    this.#frozen = true
    for (const link of this.#links) link.frozen = true
  }

  /** As a router that forgets: connections that are open lead nowhere from now on, new ones pass. */
  forget(): void {
    for (const link of this.#links) link.frozen = true
  }

  /** Lets pass what has gathered, and all that comes. */
  resume(): void {
    this.#frozen = false
    for (const link of this.#links) link.frozen = false
  }

  /** Breaks all connections. */
  cut(): void {
    for (const link of this.#links) link.cut()
  }

  /** Breaks new connections at once, or no more. */
  refuse(refusing = true): void {
    this.#refusing = refusing
  }

  /** Closes the proxy and every connection through it. */
  async close(): Promise<void> {
    const closing = this.#listener.close()
    this.cut()
    await closing
  }

  /** Closes the proxy, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }
}

/**
 * Makes clients that learn of servers from their tables come to the proxies in front of them.
 *
 * @param proxies by the server's `host:port`
 * @returns for the client's option `policies.addressTranslation`
 */
export function throughProxies(proxies: ReadonlyMap<string, FaultProxy>): AddressTranslator {
  return (announced) => {
    const proxy = proxies.get(`${announced.address}:${announced.port}`)
    return proxy ? { address: proxy.address.slice(0, proxy.address.lastIndexOf(':')), port: proxy.port } : announced
  }
}

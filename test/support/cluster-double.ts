// Several nodes out of one embedded server: a fault proxy for each, which answers the system tables as if it were a node of its own.
import type { CqlType } from '../../src/codecs/index.js'
import { CqlServer } from '../../src/server/index.js'
import { FaultProxy } from '../../src/testing/index.js'
import type { Rewrite, SeenRequest } from '../../src/testing/index.js'
import { errorCodes, errorMessage } from '../../src/protocol/index.js'
import type { ResponseMessage } from '../../src/protocol/index.js'
import { rowsOf } from './scripted-server.js'

export interface DoubledNode {
  readonly hostId: string
  readonly dataCenter: string
  readonly rack: string
  readonly tokens: readonly string[]
  readonly address: string
  /** Of the port; undefined takes a free one. */
  readonly port?: number
}

/** Changes what a node answers, after the system tables. */
export type NodeRewrite = (node: DoubledNode) => Rewrite

export interface ClusterDoubleOptions {
  readonly nodes: readonly (Partial<DoubledNode> & { readonly dataCenter?: string })[]
  readonly rewrite?: NodeRewrite
  readonly partitioner?: string
  /** Whether there is `system.peers_v2`, which ScyllaDB does not have. */
  readonly peersV2?: boolean
  readonly server?: CqlServer
}

const text: CqlType = { kind: 'text' }
const inet: CqlType = { kind: 'inet' }
const uuid: CqlType = { kind: 'uuid' }
const int: CqlType = { kind: 'int' }
const texts: CqlType = { kind: 'set', element: text }

export function hostIdOf(n: number): string {
  return `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`
}

export class ClusterDouble implements AsyncDisposable {
  readonly server: CqlServer
  readonly nodes: DoubledNode[]
  readonly proxies: FaultProxy[] = []
  readonly #options: ClusterDoubleOptions
  readonly #statements = new Map<string, string>()
  /** Nodes that the tables still name. */
  readonly #members: Set<DoubledNode>

  private constructor(server: CqlServer, options: ClusterDoubleOptions) {
    this.server = server
    this.#options = options
    const step = 2n ** 64n / BigInt(options.nodes.length)
    this.nodes = options.nodes.map((node, i) => ({
      hostId: hostIdOf(i + 1), dataCenter: 'dc1', rack: 'rack1', address: '127.0.0.1', tokens: [String(-(2n ** 63n) + step * BigInt(i) + 1n)], ...node,
    }))
    this.#members = new Set(this.nodes)
  }

  static async start(options: ClusterDoubleOptions): Promise<ClusterDouble> {
    const server = options.server ?? (await CqlServer.start({ port: 0, dataCenter: 'dc1' }))
    const double = new ClusterDouble(server, options)
    for (const node of double.nodes) await double.#startProxy(node)
    return double
  }

  async #startProxy(node: DoubledNode): Promise<void> {
    const after = this.#options.rewrite?.(node)
    const rewrite: Rewrite = (response, extras, request, link) => {
      const answer = request && this.#systemTable(node, request)
      return answer ? { response: answer, extras } : after?.(response, extras, request, link)
    }
    this.proxies.push(await FaultProxy.start({ target: this.server.contactPoints[0]!, host: node.address, port: node.port ?? 0, rewrite, statements: this.#statements }))
  }

  /** Says of a node that it is no more, or is there again. */
  setMember(number: number, member: boolean): void {
    if (member) this.#members.add(this.nodes[number]!)
    else this.#members.delete(this.nodes[number]!)
  }

  /** Moves a node to another port under the same host id. */
  async move(number: number): Promise<void> {
    await this.proxies[number]!.close()
    const node = this.nodes[number]!
    const moved = [...this.proxies]
    await this.#startProxy(node)
    this.proxies.splice(0, this.proxies.length, ...moved.with(number, this.proxies.pop()!))
  }

  get contactPoints(): string[] {
    return this.proxies.map(({ address }) => address)
  }

  proxyAt(address: string): FaultProxy {
    return this.proxies.find((proxy) => proxy.address === address)!
  }

  #systemTable(asked: DoubledNode, { statement }: SeenRequest): ResponseMessage | undefined {
    const { partitioner = 'org.apache.cassandra.dht.Murmur3Partitioner', peersV2 = true } = this.#options
    if (/FROM system\.local/.test(statement)) {
      if (/SELECT schema_version/.test(statement)) return rowsOf([['schema_version', uuid]], [[hostIdOf(99)]])
      return rowsOf(
        [['cluster_name', text], ['partitioner', text], ['host_id', uuid], ['data_center', text], ['rack', text], ['rpc_address', inet], ['tokens', texts], ['release_version', text], ['schema_version', uuid]],
        [['double', partitioner, asked.hostId, asked.dataCenter, asked.rack, asked.address, asked.tokens, '5.0.6', hostIdOf(99)]])
    }
    if (!/FROM system\.peers/.test(statement)) return undefined
    const v2 = /peers_v2/.test(statement)
    if (v2 && !peersV2) return errorMessage(errorCodes.INVALID, 'unconfigured table peers_v2')
    const others = this.nodes.filter((node) => node !== asked && this.#members.has(node))
    return rowsOf(
      [['peer', inet], [v2 ? 'native_address' : 'rpc_address', inet], ['host_id', uuid], ['data_center', text], ['rack', text], ['tokens', texts], ['release_version', text], ['schema_version', uuid], ...(v2 ? [['native_port', int] as const] : [])],
      others.map((node) => [node.address, node.address, node.hostId, node.dataCenter, node.rack, node.tokens, '5.0.6', hostIdOf(99), ...(v2 ? [this.proxies[this.nodes.indexOf(node)]!.port] : [])]))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const proxy of this.proxies) await proxy.close()
    if (!this.#options.server) await this.server.close()
  }
}

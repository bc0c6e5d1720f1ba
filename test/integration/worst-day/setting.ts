// A real cluster with a proxy in front of each node, for tests of a client's worst days.
import type { ClientOptions } from '../../../src/client/index.js'
import { Client } from '../../../src/client/index.js'
import { FaultProxy, throughProxies } from '../../../src/testing/index.js'
import type { CassandraCluster } from '../../support/cassandra.js'

export class Setting {
  readonly cluster: CassandraCluster
  readonly proxies: FaultProxy[] = []
  readonly #statements = new Map<string, string>()

  constructor(cluster: CassandraCluster) {
    this.cluster = cluster
  }

  async open(): Promise<void> {
    for (const [i, target] of this.cluster.contactPoints.entries()) this.proxies.push(await FaultProxy.start({ target, seed: i + 1, statements: this.#statements }))
  }

  /** Options of a client that goes straight to the nodes. */
  get direct(): ClientOptions {
    return { contactPoints: this.cluster.contactPoints, policies: { reconnection: { delayMs: () => 500 } } }
  }

  /** Options of a client that sees the nodes through the proxies only. */
  get proxied(): ClientOptions {
    const byNode = new Map(this.cluster.contactPoints.map((address, i) => [address, this.proxies[i]!]))
    return { contactPoints: this.proxies.map(({ address }) => address), policies: { addressTranslation: throughProxies(byNode), reconnection: { delayMs: () => 200 } }, pool: { warmUp: true } }
  }

  /** The proxy of the node that a client knows under an address. */
  proxyAt(address: string): FaultProxy {
    return this.proxies.find((proxy) => proxy.address === address)!
  }

  reset(): void {
    for (const proxy of this.proxies) {
      proxy.faults.clear()
      proxy.resetCounts()
      proxy.resume()
      proxy.refuse(false)
      proxy.reorder = 1
    }
  }

  /** Runs schema statements and waits until every node has them. */
  async run(...statements: readonly string[]): Promise<void> {
    await using client = await Client.connect({ ...this.direct, timeoutMs: 60_000 })
    for (const statement of statements) await client.execute(statement)
  }

  async close(): Promise<void> {
    for (const proxy of this.proxies) await proxy.close()
  }
}

import type { NodeInfo } from './node-info.js'

/** How a keyspace places its replicas: the options of `replication`, read once. */
export type Replication =
  | { readonly strategy: 'simple'; readonly factor: number }
  | { readonly strategy: 'networkTopology'; readonly factors: ReadonlyMap<string, number> }
  /** Every node has everything (ScyllaDB, DSE). */
  | { readonly strategy: 'everywhere' }
  /** Each node has its own data, or the strategy is not known here: no node is better than another. */
  | { readonly strategy: 'other' }

/** Reads the options of `CREATE KEYSPACE … WITH replication`. */
export function replicationOf(options: Readonly<Record<string, string>>): Replication {
  const name = (options['class'] ?? '').split('.').at(-1)
  if (name === 'SimpleStrategy') return { strategy: 'simple', factor: factorOf(options['replication_factor']) }
  if (name === 'NetworkTopologyStrategy') {
    const factors = Object.entries(options).filter(([key]) => key !== 'class').map(([dataCenter, factor]) => [dataCenter, factorOf(factor)] as const)
    return { strategy: 'networkTopology', factors: new Map(factors) }
  }
  return { strategy: name === 'EverywhereStrategy' ? 'everywhere' : 'other' }
}

/** `3`, or `3/1` of which one is transient; transient replicas answer requests, too. */
function factorOf(text: string | undefined): number {
  const factor = Number.parseInt(text ?? '', 10)
  return Number.isNaN(factor) ? 0 : factor
}

/**
 * The replicas of each range of the ring, in ring order: the first one is the primary.
 *
 * @param owners the node of each token, in the order of tokens
 * @returns for each place on the ring its replicas; places with equal replicas share one list
 */
export function replicasOfRing(owners: readonly NodeInfo[], replication: Replication): readonly (readonly NodeInfo[])[] {
  const shared = new Map<string, readonly NodeInfo[]>()
  const share = (replicas: readonly NodeInfo[]): readonly NodeInfo[] => {
    const key = replicas.map(({ hostId }) => hostId).join()
    const known = shared.get(key)
    if (!known) shared.set(key, replicas)
    return known ?? replicas
  }
  switch (replication.strategy) {
    case 'simple':
      return owners.map((_, start) => share(simple(owners, start, replication.factor)))
    case 'networkTopology': {
      const dataCenters = dataCentersOf(owners)
      return owners.map((_, start) => share(networkTopology(owners, start, replication.factors, dataCenters)))
    }
    case 'everywhere': {
      const all = [...new Set(owners)]
      return owners.map(() => all)
    }
    case 'other':
      return owners.map(() => [])
  }
}

function simple(owners: readonly NodeInfo[], start: number, factor: number): NodeInfo[] {
  const replicas: NodeInfo[] = []
  for (let i = 0; i < owners.length && replicas.length < factor; i++) {
    const node = owners[(start + i) % owners.length]!
    if (!replicas.includes(node)) replicas.push(node)
  }
  return replicas
}

interface DataCenter {
  readonly nodes: Set<NodeInfo>
  readonly racks: Set<string>
}

function dataCentersOf(owners: readonly NodeInfo[]): ReadonlyMap<string, DataCenter> {
  const dataCenters = new Map<string, DataCenter>()
  for (const node of owners) {
    let entry = dataCenters.get(node.dataCenter)
    if (!entry) dataCenters.set(node.dataCenter, (entry = { nodes: new Set(), racks: new Set() }))
    entry.nodes.add(node)
    entry.racks.add(node.rack)
  }
  return dataCenters
}

/** How far one data centre has come on the walk round the ring. */
interface Progress {
  missing: number
  /** How many nodes may be taken of racks that have one already; the others wait for racks not seen yet. */
  repeats: number
  readonly racks: Set<string>
}

/** Walks the ring from a token on, as Cassandra's `NetworkTopologyStrategy.calculateNaturalReplicas` does. */
function networkTopology(owners: readonly NodeInfo[], start: number, factors: ReadonlyMap<string, number>, dataCenters: ReadonlyMap<string, DataCenter>): NodeInfo[] {
  const progress = new Map<string, Progress>()
  let unfinished = 0
  for (const [name, factor] of factors) {
    const dataCenter = dataCenters.get(name)
    if (!dataCenter || factor <= 0) continue
    progress.set(name, { missing: Math.min(factor, dataCenter.nodes.size), repeats: factor - dataCenter.racks.size, racks: new Set() })
    unfinished++
  }
  const replicas: NodeInfo[] = []
  for (let i = 0; i < owners.length && unfinished > 0; i++) {
    const node = owners[(start + i) % owners.length]!
    const state = progress.get(node.dataCenter)
    if (!state || state.missing === 0 || replicas.includes(node)) continue
    if (state.racks.has(node.rack)) {
      if (state.repeats <= 0) continue
      state.repeats--
    } else state.racks.add(node.rack)
    replicas.push(node)
    if (--state.missing === 0) unfinished--
  }
  return replicas
}

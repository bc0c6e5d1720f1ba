import { describe, expect, test } from 'vitest'
import { allowList, latencyAware, leastInFlight, roundRobin, tokenAware } from '../../src/policies/index.js'
import { nodeOf, PolicySimulator } from '../support/policy-simulator.js'

const [a, b, c, d] = [nodeOf('a', 'dc1', 'r1'), nodeOf('b', 'dc1', 'r2'), nodeOf('c', 'dc1', 'r1'), nodeOf('d', 'dc1', 'r2')]
const [x, y] = [nodeOf('x', 'dc2', 'r1'), nodeOf('y', 'dc2', 'r2')]
const simulate = (seed = 1): PolicySimulator => new PolicySimulator([a, b, c, d], seed)

describe('round robin', () => {
  test('gives every node once, beginning with the next each time', () => {
    const simulator = simulate()
    const policy = roundRobin({ random: simulator.random })
    const plans = Array.from({ length: 4 }, () => simulator.plan(policy))
    for (const plan of plans) expect([...plan].sort()).toEqual(['a', 'b', 'c', 'd'])
    expect(plans.map(([first]) => first).sort()).toEqual(['a', 'b', 'c', 'd'])
  })
})

describe('least in flight', () => {
  test('a node that answers slowly gets fewer requests, and every node is in the plan once', async () => {
    const simulator = simulate()
    const policy = leastInFlight({ random: simulator.random })
    simulator.latencyMs.set('a', 50)
    await simulator.run(policy, 4000, 0.5)
    expect(simulator.share('a')).toBeLessThan(0.1)
    expect(simulator.share('b')).toBeGreaterThan(0.2)
    expect(simulator.plan(policy).sort()).toEqual(['a', 'b', 'c', 'd'])
  })
})

describe('token aware', () => {
  test('a replica first, the other replicas next, then the other local nodes; both replicas get their share', () => {
    const simulator = simulate()
    const policy = tokenAware({ random: simulator.random })
    const firsts = new Map<string, number>()
    for (let i = 0; i < 1000; i++) {
      const plan = simulator.plan(policy, [b, d])
      expect(plan.slice(0, 2).sort()).toEqual(['b', 'd'])
      expect(plan.slice(2).sort()).toEqual(['a', 'c'])
      firsts.set(plan[0]!, (firsts.get(plan[0]!) ?? 0) + 1)
    }
    expect(firsts.get('b')).toBeGreaterThan(400)
    expect(firsts.get('d')).toBeGreaterThan(400)
  })
  test('without a partition the nodes take turns', () => {
    const simulator = simulate()
    const policy = tokenAware({ random: simulator.random })
    expect(Array.from({ length: 4 }, () => simulator.plan(policy)[0]).sort()).toEqual(['a', 'b', 'c', 'd'])
  })
  test('the local rack comes first among replicas, and among the others', () => {
    const simulator = simulate()
    const policy = tokenAware({ localRack: 'r2', random: simulator.random })
    for (let i = 0; i < 50; i++) {
      expect(simulator.plan(policy, [a, b])).toEqual(['b', 'a', 'd', 'c'])
      expect(simulator.plan(policy).slice(0, 2).sort()).toEqual(['b', 'd'])
    }
    simulator.down.add('b')
    expect(simulator.plan(policy, [a, b])[0]).toBe('a')
  })
  test('nodes that are down come last, replicas before others', () => {
    const simulator = simulate()
    const policy = tokenAware({ random: simulator.random })
    simulator.down.add('b').add('a')
    for (let i = 0; i < 50; i++) {
      const plan = simulator.plan(policy, [b, d])
      expect(plan[0]).toBe('d')
      expect(plan.slice(2)).toEqual(['b', 'a'])
    }
    for (const hostId of ['c', 'd']) simulator.down.add(hostId)
    expect(simulator.plan(policy, [b, d]).sort()).toEqual(['a', 'b', 'c', 'd'])
  })
  test('lightweight transactions go to replicas in ring order', () => {
    const simulator = simulate()
    const policy = tokenAware({ random: simulator.random })
    for (let i = 0; i < 20; i++) expect(simulator.plan(policy, [d, b, a], true).slice(0, 3)).toEqual(['d', 'b', 'a'])
  })
  test('other data centres are left alone, unless they are named for failover, and then they come last', () => {
    const local = tokenAware()
    expect([local.distance!(a, 'dc1'), local.distance!(x, 'dc1')]).toEqual(['local', 'ignored'])
    const simulator = new PolicySimulator([x, a, y, b])
    const policy = tokenAware({ failoverTo: ['dc2'], random: simulator.random })
    expect([policy.distance!(a, 'dc1'), policy.distance!(x, 'dc1')]).toEqual(['local', 'remote'])
    for (let i = 0; i < 20; i++) {
      expect(simulator.plan(policy, [x, b]).slice(0, 3)).toEqual(['b', 'a', 'x'])
      expect(simulator.plan(policy).slice(0, 2).sort()).toEqual(['a', 'b'])
    }
    for (const hostId of ['a', 'b']) simulator.down.add(hostId)
    expect(simulator.plan(policy, [x, b])).toEqual(['x', 'y', 'b', 'a'])
  })
  test('the same seed makes the same choices', () => {
    const choices = [1, 1, 2].map((seed) => {
      const simulator = simulate(seed)
      const policy = tokenAware({ random: simulator.random })
      return Array.from({ length: 50 }, () => simulator.plan(policy, [a, b, c])[0]).join('')
    })
    expect(choices[0]).toBe(choices[1])
    expect(choices[0]).not.toBe(choices[2])
  })
})

describe('latency aware', () => {
  test('a node ten times slower is left alone, and tried again after a while', async () => {
    const simulator = simulate()
    const policy = latencyAware(roundRobin({ random: simulator.random }), { clock: simulator.clock, minMeasurements: 20 })
    simulator.latencyMs.set('a', 20)
    await simulator.run(policy, 400, 2)
    const before = simulator.sent.get('a')!
    expect(before).toBeLessThan(60)
    expect(simulator.plan(policy).at(-1)).toBe('a')
    simulator.latencyMs.set('a', 1)
    await simulator.run(policy, 6000, 2) // more than ten seconds
    expect(simulator.sent.get('a')!).toBeGreaterThan(before + 100)
    expect([...simulator.plan(policy)].sort()).toEqual(['a', 'b', 'c', 'd'])
  })
})

describe('allow list', () => {
  test('nodes that are not on it are ignored, by address, host id or function', () => {
    const child = tokenAware()
    expect([a, b].map((node) => allowList(child, ['a']).distance!(node, 'dc1'))).toEqual(['local', 'ignored'])
    expect([a, b].map((node) => allowList(child, ({ rack }) => rack === 'r2').distance!(node, 'dc1'))).toEqual(['ignored', 'local'])
    expect(allowList(child, [`${x.address}:9042`]).distance!(x, 'dc1')).toBe('ignored')
  })
})

describe('the first node of a plan, found without the plan', () => {
  test.each([['no replicas known', [], false], ['three replicas', [b, c, d], false], ['a transaction', [c, d], true], ['replicas elsewhere', [x, y], false], ['replicas that are down', [a], false]] as const)('%s', (_name, replicas, conditional) => {
    const [one, other] = [simulate(7), simulate(7)]
    const [asked, planned] = [tokenAware({ random: one.random, localRack: 'r2' }), tokenAware({ random: other.random, localRack: 'r2' })]
    const downA = (simulator: PolicySimulator): Parameters<typeof asked.plan>[0] => ({ ...simulator.context(replicas, conditional), isUp: (node) => node !== a })
    for (let i = 0; i < 50; i++) expect(asked.first!(downA(one))?.hostId).toBe(planned.plan(downA(other))()?.hostId)
  })
  test('policies that reorder plans do without it', () => {
    for (const policy of [latencyAware(tokenAware()), allowList(tokenAware(), [])]) expect(policy.first).toBeUndefined()
  })
})

// Guards that know Cassandra's errors: of single nodes within a plan, and of the database as a whole.
import { describe, expect, test } from 'vitest'
import { AbortedError, CodecError, ConnectionError, NoNodeAvailableError, QueueFullError, RequestTimeoutError, SimulatedClock } from '../../src/base/index.js'
import type { CqlError } from '../../src/base/index.js'
import type { NodeInfo } from '../../src/cluster/index.js'
import { allowList, databaseGuard, isDatabaseFault, isNodeFault, latencyAware, leastInFlight, nodeGuard } from '../../src/policies/index.js'
import type { GuardedNodeStatus, LoadBalancingPolicy } from '../../src/policies/index.js'
import { errorCodes, serverErrorOf } from '../../src/protocol/index.js'
import { nodeOf, PolicySimulator } from '../support/policy-simulator.js'

const details = { consistency: 'quorum', required: 2, alive: 1, received: 1, dataPresent: false, writeType: 'SIMPLE', keyspace: 'k', table: 't', function: 'f', argTypes: [], failures: 1 } as const
const reasons = (...codes: number[]): ReadonlyMap<string, number> => new Map(codes.map((code, i) => [`10.0.0.${i}`, code]))

function errorOf(name: keyof typeof errorCodes, more: object = {}): CqlError {
  return serverErrorOf({ kind: 'ERROR', code: errorCodes[name], message: name, details: { ...details, ...more } } as never, '10.0.0.1:9042')
}

/** Of each error: whether the node that was asked is at fault, whether the database is, whether another try is worth while. */
const errors: readonly (readonly [string, CqlError, boolean, boolean, boolean])[] = [
  ['an internal error', errorOf('SERVER_ERROR'), true, true, false],
  ['overload', errorOf('OVERLOADED'), true, true, true],
  ['a node that is starting', errorOf('IS_BOOTSTRAPPING'), true, true, true],
  ['too few replicas', errorOf('UNAVAILABLE'), false, true, true],
  ['a read time-out', errorOf('READ_TIMEOUT'), false, true, true],
  ['a write time-out', errorOf('WRITE_TIMEOUT'), false, true, false],
  ['replicas that failed', errorOf('READ_FAILURE', { reasons: reasons(0, 1) }), false, true, false],
  ['a read of too many tombstones', errorOf('READ_FAILURE', { reasons: reasons(1, 1) }), false, false, false],
  ['a write that failed', errorOf('WRITE_FAILURE', { reasons: reasons(0) }), false, true, false],
  ['wrong syntax', errorOf('SYNTAX_ERROR'), false, false, false],
  ['a statement that cannot be', errorOf('INVALID'), false, false, false],
  ['rights that are missing', errorOf('UNAUTHORIZED'), false, false, false],
  ['something that exists', errorOf('ALREADY_EXISTS'), false, false, false],
  ['a function that failed', errorOf('FUNCTION_FAILURE'), false, false, false],
  ['a lost connection', new ConnectionError('10.0.0.1:9042', 'lost', 'retryable'), true, true, true],
  ['no answer, perhaps executed', new RequestTimeoutError('late', 100, 'undetermined'), true, true, false],
  ['no node', new NoNodeAvailableError('none', []), false, true, true],
  ['a value that does not fit', new CodecError('no'), false, false, false],
  ['a caller that has given up', new AbortedError(undefined, 'retryable'), false, false, false],
  ['a full queue', new QueueFullError('full'), false, false, false],
]

describe('what errors mean', () => {
  test.each(errors)('%s', async (_name, error, node, database, another) => {
    expect([isNodeFault(error), isDatabaseFault(error)]).toEqual([node, database])
    const clock = new SimulatedClock()
    const guard = databaseGuard({ clock, breaker: { consecutiveFailures: 100 } })
    let calls = 0
    const run = guard.run(() => {
      calls++
      throw error
    }).catch((failure: unknown) => failure)
    await clock.advance(1000)
    expect(await run).toBe(error)
    expect(calls).toBe(another ? 2 : 1)
    expect(guard.breaker!.status.consecutiveFailures).toBe(database ? calls : 0)
  })
})

describe('a guard of the database', () => {
  test('opens while it fails, lets a few calls through after a while, and takes overload for a sign to do less', async () => {
    const clock = new SimulatedClock()
    const guard = databaseGuard({ clock, retry: false })
    const limit = guard.concurrency!.limit
    for (let i = 0; i < 50; i++) await guard.run(() => { throw errorOf('OVERLOADED') }).catch(() => {})
    expect(guard.concurrency!.limit).toBeLessThan(limit / 2)
    await expect(guard.run(() => 1)).rejects.toMatchObject({ code: 'CQL_BREAKER_OPEN' })
    await clock.advance(5001)
    expect(await Promise.all([1, 2, 3].map((n) => guard.run(async () => n)))).toEqual([1, 2, 3])
    expect(guard.breaker!.state).toBe('closed')
  })
  test('its parts can be left out; retries are bounded by successes', async () => {
    expect(await databaseGuard({ breaker: false, concurrency: false, retry: false }).run(() => 7)).toBe(7)
    const clock = new SimulatedClock()
    const guard = databaseGuard({ clock, breaker: false, concurrency: false })
    let calls = 0
    for (let i = 0; i < 50; i++) {
      const run = guard.run(() => {
        calls++
        throw errorOf('OVERLOADED')
      }).catch(() => {})
      await clock.advance(100)
      await run
    }
    expect(calls).toBe(60) // ten retries are there at the start, and nothing has gone well since
  })
})

describe('a guard of each node', () => {
  const nodes = ['a', 'bb', 'ccc'].map((hostId) => nodeOf(hostId))
  const inTurn: LoadBalancingPolicy = { plan: ({ nodes: all }) => { let i = 0; return () => all[i++] } }
  const statusOf = (policy: LoadBalancingPolicy, node: NodeInfo): GuardedNodeStatus => policy.status!(node) as GuardedNodeStatus

  test('a node that fails goes to the end of the plan, gets one request at a time after a while, and its place back', async () => {
    const simulator = new PolicySimulator(nodes)
    const policy = nodeGuard(inTurn, { clock: simulator.clock })
    const changes: string[] = []
    policy.events!.on('nodeBreaker', ({ node, from, to }) => changes.push(`${node.hostId}: ${from} -> ${to}`))
    expect(simulator.plan(policy)).toEqual(['a', 'bb', 'ccc'])
    for (let i = 0; i < 20; i++) policy.observe!(nodes[0]!, 5, errorOf('UNAVAILABLE'))
    expect(simulator.plan(policy)[0]).toBe('a') // it tells of others
    for (let i = 0; i < 20; i++) policy.observe!(nodes[0]!, 5, errorOf('OVERLOADED'))
    expect(simulator.plan(policy)).toEqual(['bb', 'ccc', 'a'])
    await simulator.clock.advance(5001)
    expect(simulator.plan(policy)).toEqual(['a', 'bb', 'ccc'])
    const busy = { ...simulator.context(), inFlight: ({ hostId }: NodeInfo) => (hostId === 'a' ? 1 : 0) }
    expect(policy.plan(busy)()!.hostId).toBe('bb')
    policy.observe!(nodes[0]!, 5)
    expect(changes).toEqual(['a: closed -> open', 'a: open -> halfOpen', 'a: halfOpen -> closed'])
    expect(statusOf(policy, nodes[0]!).breaker).toBe('closed')
  })
  test('when all are unwell the plan is the other policy\'s: nothing is left out', () => {
    const simulator = new PolicySimulator(nodes)
    const policy = nodeGuard(inTurn, { clock: simulator.clock, breaker: { consecutiveFailures: 1 } })
    for (const node of nodes) policy.observe!(node, 5, new RequestTimeoutError('late', 5, 'retryable'))
    expect(simulator.plan(policy)).toEqual(['a', 'bb', 'ccc'])
  })
  test('a node slowed tenfold is given little at a time and under a twentieth of the requests, and recovers', async () => {
    const simulator = new PolicySimulator(nodes)
    const policy = nodeGuard(leastInFlight({ random: simulator.random }), { clock: simulator.clock })
    for (const { hostId } of nodes) simulator.latencyMs.set(hostId, 4)
    await simulator.run(policy, 3000, 0.2)
    expect(simulator.share('a')).toBeGreaterThan(0.25)
    simulator.latencyMs.set('a', 200) // and five times again: in-flight counts alone see to a factor of ten
    await simulator.run(policy, 3000, 0.2)
    simulator.sent.clear()
    await simulator.run(policy, 5000, 0.2)
    expect(simulator.share('a')).toBeLessThan(0.05)
    expect(statusOf(policy, nodes[0]!)).toMatchObject({ breaker: 'closed' })
    simulator.latencyMs.set('a', 4)
    await simulator.run(policy, 10_000, 0.2)
    simulator.sent.clear()
    await simulator.run(policy, 3000, 0.2)
    expect(simulator.share('a')).toBeGreaterThan(0.25)
  })
  test('around and within other policies its events and status pass through; nodes that are gone are forgotten', () => {
    const simulator = new PolicySimulator(nodes)
    const inner = nodeGuard(inTurn, { clock: simulator.clock, breaker: { consecutiveFailures: 1 }, concurrency: false })
    const policy = allowList(latencyAware(inner, { clock: simulator.clock }), ['a', 'bb', 'ccc'])
    let changes = 0
    policy.events!.on('nodeBreaker', () => changes++)
    simulator.plan(policy)
    policy.observe!(nodes[1]!, 5, new ConnectionError('x', 'lost', 'retryable'))
    expect(changes).toBe(1)
    expect(statusOf(policy, nodes[1]!)).toEqual({ breaker: 'open', limit: undefined })
    policy.plan({ ...simulator.context(), nodes: nodes.slice(0, 1) })
    expect(statusOf(policy, nodes[1]!)).toEqual({ breaker: undefined, limit: undefined })
    expect(simulator.plan(nodeGuard(inTurn, { breaker: false, concurrency: false }))).toEqual(['a', 'bb', 'ccc'])
  })
})

// What guarding a call costs, against cockatiel and opossum in the same run: nanoseconds per call beyond the bare one.
import CircuitBreaker from 'opossum'
import * as cockatiel from 'cockatiel'
import { breaker, bulkhead, hedge, policy, rateLimiter, retry, timeout } from 'cqlwire/resilience'

const CALLS = process.argv.includes('--quick') ? 200_000 : 1_000_000
const ROUNDS = process.argv.includes('--quick') ? 5 : 9
const task = async () => 1

const limiter = rateLimiter({ limit: 1e12, burst: 1e12 })
const ours = policy(timeout({ ms: 10_000 }), retry({ attempts: 3 }), breaker({ failureRate: 0.5 }))
const theirs = cockatiel.wrap(cockatiel.timeout(10_000, cockatiel.TimeoutStrategy.Aggressive), cockatiel.retry(cockatiel.handleAll, { maxAttempts: 2 }), cockatiel.circuitBreaker(cockatiel.handleAll, { halfOpenAfter: 1000, breaker: new cockatiel.CountBreaker({ size: 100, threshold: 0.5, minimumNumberOfCalls: 20 }) }))
const cockatielBreaker = cockatiel.circuitBreaker(cockatiel.handleAll, { halfOpenAfter: 1000, breaker: new cockatiel.CountBreaker({ size: 100, threshold: 0.5, minimumNumberOfCalls: 20 }) })
const cockatielBulkhead = cockatiel.bulkhead(10)
const opossum = new CircuitBreaker(task, { timeout: false })
const opossumTimed = new CircuitBreaker(task, { timeout: 10_000 })
const [ourBreaker, ourBulkhead, ourHedge] = [breaker({ failureRate: 0.5 }), bulkhead({ limit: 10 }), hedge({ delayMs: 10_000 })]

/** Each: a name, and a function that makes one call. */
const cases = [
  ['bare call', task],
  ['limiter.tryAcquire (no call)', () => limiter.tryAcquire()],
  ['breaker', () => ourBreaker.run(task)],
  ['breaker, cockatiel', () => cockatielBreaker.execute(task)],
  ['breaker, opossum', () => opossum.fire()],
  ['bulkhead', () => ourBulkhead.run(task)],
  ['bulkhead, cockatiel', () => cockatielBulkhead.execute(task)],
  ['hedge', () => ourHedge.run(task)],
  ['timeout + retry + breaker', () => ours.run(task)],
  ['timeout + retry + breaker, cockatiel', () => theirs.execute(task)],
  ['timeout + breaker, opossum', () => opossumTimed.fire()],
]

async function time(call, calls) {
  const started = process.hrtime.bigint()
  for (let i = 0; i < calls; i++) await call()
  return Number(process.hrtime.bigint() - started) / calls
}

const results = new Map(cases.map(([name]) => [name, []]))
for (const [, call] of cases) await time(call, CALLS / 10)
for (let round = 0; round < ROUNDS; round++) for (const [name, call] of cases) results.get(name).push(await time(call, /cockatiel|opossum/.test(name) ? CALLS / 5 : CALLS))
const median = (list) => list.sort((a, b) => a - b)[list.length >> 1]
const bare = median(results.get('bare call'))
for (const [name] of cases) {
  const ns = median(results.get(name))
  console.log(`${name.padEnd(40)}${ns.toFixed(0).padStart(7)} ns   ${name === 'bare call' ? '' : `${(ns - bare).toFixed(0).padStart(6)} ns more than the bare call`}`)
}
const more = (name) => median(results.get(name)) - bare
console.log(`\ntimes less than cockatiel: breaker ${(more('breaker, cockatiel') / more('breaker')).toFixed(1)}, composition ${(more('timeout + retry + breaker, cockatiel') / more('timeout + retry + breaker')).toFixed(1)}`)
console.log(`times less than opossum: breaker ${(more('breaker, opossum') / more('breaker')).toFixed(1)}, with time-out (opossum without retry) ${(more('timeout + breaker, opossum') / more('timeout + retry + breaker')).toFixed(1)}`)
console.log(`Medians of ${ROUNDS}; Node ${process.version}, ${new Date().toISOString().slice(0, 10)}`)
process.exit(0)

// What `cqlwire/resilience` must do on every runtime: only what all of them have is used here.
const sleep = (ms) => new Promise((resolve) => { setTimeout(resolve, ms) })

function check(condition, what) {
  if (!condition) throw new Error(`not so: ${what}`)
}

async function codeOf(promise) {
  try {
    await promise
    return 'none'
  } catch (error) {
    return error.code ?? error.message
  }
}

/** Rows that several limiters share, in memory. */
function memoryStore() {
  const marks = new Map()
  return {
    now: () => Date.now(),
    read: async (row) => marks.get(row),
    swap: async (row, seen, next) => {
      if (marks.get(row) !== seen) return { outcome: 'lost', mark: marks.get(row) }
      marks.set(row, next)
      return { outcome: 'done' }
    },
  }
}

const checks = {
  async composition({ policy, timeout, retry, breaker }) {
    const guarded = policy(timeout({ ms: 500 }), retry({ attempts: 3, baseMs: 1 }), breaker({ failureRate: 0.5 }))
    let calls = 0
    const answer = await guarded.run(() => {
      if (++calls < 3) throw new Error('not yet')
      return 'well'
    })
    check(answer === 'well' && calls === 3, 'the third call succeeds')
  },
  async timeOut({ timeout }) {
    let aborted = false
    const code = await codeOf(timeout({ ms: 20 }).run((context) => new Promise(() => { context.signal.addEventListener('abort', () => { aborted = true }) })))
    check(code === 'CQL_TIMEOUT_EXCEEDED' && aborted, 'time is over, and the signal says so')
  },
  async abort({ timeout }) {
    const controller = new AbortController()
    const run = codeOf(timeout({ ms: 5000 }).run(() => sleep(200), { signal: controller.signal }))
    controller.abort(new Error('enough'))
    check(await run === 'CQL_ABORTED', 'the caller gives up')
  },
  async breaker({ breaker }) {
    const guard = breaker({ consecutiveFailures: 2, openMs: 30 })
    for (let i = 0; i < 2; i++) await codeOf(guard.run(() => { throw new Error('no') }))
    check(await codeOf(guard.run(() => 1)) === 'CQL_BREAKER_OPEN', 'it opens')
    await sleep(50)
    check(await guard.run(() => 1) === 1 && guard.state === 'closed', 'it closes again')
  },
  async hedge({ hedge }) {
    let calls = 0
    const answer = await hedge({ delayMs: 10 }).run(async () => {
      const call = ++calls
      await sleep(call === 1 ? 500 : 1)
      return call
    })
    check(answer === 2, 'the second attempt wins')
  },
  async limits({ rateLimiter, Semaphore, bulkhead }) {
    const limiter = rateLimiter({ limit: 100, burst: 1 })
    check(limiter.tryAcquire() && !limiter.tryAcquire(), 'one permit at a time')
    await limiter.acquire({ maxWaitMs: 500 })
    const semaphore = new Semaphore(1)
    const ticket = await semaphore.acquire()
    check(await codeOf(semaphore.acquire({ timeoutMs: 10 })) === 'CQL_LIMIT_EXCEEDED', 'nobody else')
    ticket.release()
    const guard = bulkhead({ limit: 1 })
    const first = guard.run(() => sleep(20))
    check(await codeOf(guard.run(() => 1)) === 'CQL_BULKHEAD_FULL', 'one at a time')
    await first
  },
  async shared({ SharedLimiter }) {
    const store = memoryStore()
    const limiters = [1, 2].map(() => new SharedLimiter({ limit: 200, rows: 2, store }))
    await Promise.all(limiters.map((limiter) => limiter.acquire({ maxWaitMs: 3000 })))
    for (const limiter of limiters) limiter.close()
  },
  async groups({ CircuitGroup, BreakerGraph, breaker, selector, fallback, adaptiveConcurrency, Monitor }) {
    const db = breaker({ name: 'db', consecutiveFailures: 1 })
    const services = new CircuitGroup({ db: { breaker: db }, api: { dependsOn: ['db'] } })
    const graph = new BreakerGraph({ cache: { breaker: breaker({ name: 'cache', consecutiveFailures: 1 }), cascadesTo: [] } })
    const monitor = new Monitor({ db, graph })
    await codeOf(services.execute('db', () => { throw new Error('no') }))
    check(await codeOf(services.execute('api', () => 1)) === 'CQL_DEPENDENCY', 'it depends on what is broken')
    check(monitor.snapshot().db.counts.stateChange === 1, 'it is counted')
    const prices = selector({ backends: [{ name: 'live', run: () => { throw new Error('no') } }, { name: 'cache', run: () => 7, degraded: true }] })
    const { value, degraded } = await prices.run('tea')
    check(value === 7 && degraded, 'second best says so')
    check(await fallback({ to: () => 3 }).run(() => { throw new Error('no') }) === 3, 'something else')
    check(await adaptiveConcurrency().run(() => 4) === 4, 'as many as do no harm')
  },
}

/** Runs all checks without what some runtimes lack. @returns their names */
export async function scenario(resilience) {
  delete AbortSignal.any
  delete Promise.withResolvers
  for (const [name, run] of Object.entries(checks)) {
    try {
      await run(resilience)
    } catch (error) {
      throw new Error(`${name}: ${error.stack ?? error}`, { cause: error })
    }
  }
  return Object.keys(checks)
}

import type { LimitAlgorithm } from './limiter.js'

/** Slack for sums of fractions of a millisecond. */
const EPSILON = 1e-6

/**
 * The generic cell rate algorithm: one number, the time at which everything taken so far will have been paid for. In any window of `t`
 * seconds at most `burst + rate × t` permits are given (ITU-T I.371; virtual scheduling).
 */
export class Gcra implements LimitAlgorithm {
  readonly capacity: number
  readonly #intervalMs: number
  #paidUntil = Number.NEGATIVE_INFINITY

  /** @param perSecond permits per second, @param burst permits at once after a rest */
  constructor(perSecond: number, burst: number) {
    this.#intervalMs = 1000 / perSecond
    this.capacity = burst
  }

  tryTake(cost: number, now: number): boolean {
    const until = Math.max(this.#paidUntil, now) + cost * this.#intervalMs
    if (until - now > this.capacity * this.#intervalMs + EPSILON) return false
    this.#paidUntil = until
    return true
  }

  waitFor(cost: number, now: number): number {
    return Math.max(0, Math.max(this.#paidUntil, now) - now + (cost - this.capacity) * this.#intervalMs)
  }

  available(now: number): number {
    return this.capacity - Math.max(0, this.#paidUntil - now) / this.#intervalMs
  }

  reset(): void {
    this.#paidUntil = Number.NEGATIVE_INFINITY
  }

  save(now: number): readonly number[] {
    return [Math.max(0, this.#paidUntil - now)]
  }

  restore([debtMs = 0]: readonly number[], now: number): void {
    this.#paidUntil = now + debtMs
  }
}

/** A bucket that fills at a rate and is drawn from: the same limits as {@link Gcra}, with a balance that can be shown. */
export class TokenBucket implements LimitAlgorithm {
  readonly capacity: number
  readonly #perMs: number
  #tokens: number
  #at = Number.NaN

  constructor(perSecond: number, capacity: number) {
    this.#perMs = perSecond / 1000
    this.capacity = this.#tokens = capacity
  }

  #fill(now: number): void {
    if (now > this.#at) this.#tokens = Math.min(this.capacity, this.#tokens + (now - this.#at) * this.#perMs)
    if (!(now < this.#at)) this.#at = now
  }

  tryTake(cost: number, now: number): boolean {
    this.#fill(now)
    if (this.#tokens + EPSILON < cost) return false
    this.#tokens -= cost
    return true
  }

  waitFor(cost: number, now: number): number {
    this.#fill(now)
    return Math.max(0, (cost - this.#tokens) / this.#perMs)
  }

  available(now: number): number {
    this.#fill(now)
    return this.#tokens
  }

  reset(): void {
    this.#tokens = this.capacity
  }

  save(now: number): readonly number[] {
    return [this.available(now)]
  }

  restore([tokens = this.capacity]: readonly number[], now: number): void {
    this.#tokens = tokens
    this.#at = now
  }
}

/** So many permits in each window, counted anew with each: cheap and easy to explain, but up to twice as many around its edges. */
export class FixedWindow implements LimitAlgorithm {
  readonly capacity: number
  readonly #windowMs: number
  #window = Number.NaN
  #taken = 0

  constructor(limit: number, windowMs: number) {
    this.capacity = limit
    this.#windowMs = windowMs
  }

  #enter(now: number): void {
    const window = Math.floor(now / this.#windowMs)
    if (window > this.#window || Number.isNaN(this.#window)) {
      this.#window = window
      this.#taken = 0
    }
  }

  tryTake(cost: number, now: number): boolean {
    this.#enter(now)
    if (this.#taken + cost > this.capacity) return false
    this.#taken += cost
    return true
  }

  waitFor(cost: number, now: number): number {
    this.#enter(now)
    const missing = cost - (this.capacity - this.#taken)
    return missing <= 0 ? 0 : (this.#window + Math.ceil(missing / this.capacity)) * this.#windowMs - now
  }

  available(now: number): number {
    this.#enter(now)
    return this.capacity - this.#taken
  }

  reset(): void {
    this.#taken = 0
  }

  save(now: number): readonly number[] {
    return [this.capacity - this.available(now)]
  }

  restore([taken = 0]: readonly number[], now: number): void {
    this.#enter(now)
    this.#taken = taken
  }
}

/** At most so many permits in any window, exactly: remembers when each permit of the last window was taken. */
export class SlidingWindow implements LimitAlgorithm {
  readonly capacity: number
  readonly #windowMs: number
  /** Times of the permits taken, the oldest first. */
  #taken: number[] = []

  constructor(limit: number, windowMs: number) {
    this.capacity = limit
    this.#windowMs = windowMs
  }

  #forget(now: number): void {
    const from = now - this.#windowMs
    let gone = 0
    while (gone < this.#taken.length && this.#taken[gone]! <= from) gone++
    if (gone > 0) this.#taken.splice(0, gone)
  }

  tryTake(cost: number, now: number): boolean {
    this.#forget(now)
    if (this.#taken.length + cost > this.capacity) return false
    for (let i = 0; i < cost; i++) this.#taken.push(now)
    return true
  }

  waitFor(cost: number, now: number): number {
    this.#forget(now)
    const missing = this.#taken.length + cost - this.capacity
    if (missing <= 0) return 0
    // Beyond what has been taken, those who wait before take theirs one window after the other.
    const rounds = Math.floor((missing - 1) / this.capacity)
    const place = (missing - 1) % this.capacity
    return (this.#taken[place] ?? now) + (rounds + 1) * this.#windowMs - now
  }

  available(now: number): number {
    this.#forget(now)
    return this.capacity - this.#taken.length
  }

  reset(): void {
    this.#taken = []
  }

  save(now: number): readonly number[] {
    this.#forget(now)
    return this.#taken.map((at) => now - at)
  }

  restore(ages: readonly number[], now: number): void {
    this.#taken = ages.map((age) => now - age)
  }
}

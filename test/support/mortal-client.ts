import type { Client } from '../../src/client/index.js'

/**
 * A client whose process dies at one of its requests, as `kill -9` would have it: nothing that it does later happens.
 *
 * @param at which request, from 1
 */
export function mortal(client: Client, at: number, when: 'before it is sent' | 'before it is answered'): Client {
  let requests = 0
  const dead = (): Promise<never> => Promise.reject(new Error('dead'))
  return new Proxy(client, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target)
      if (typeof value !== 'function') return value
      if (name !== 'execute' && name !== 'cas') return value.bind(target) as unknown
      return (...args: unknown[]) => {
        requests++
        if (requests > at || (requests === at && when === 'before it is sent')) return dead()
        const answer = (value as (...given: unknown[]) => Promise<unknown>).apply(target, args)
        return requests === at ? answer.then(dead, dead) : answer
      }
    },
  })
}

// A vm context with nothing but what every runtime has that this package runs on: the language, and these globals of the web.
import { createContext, runInContext } from 'node:vm'
import type { Environment } from 'vitest/runtime'

const everywhere = [
  'AbortController', 'atob', 'btoa', 'clearInterval', 'clearTimeout', 'crypto', 'DOMException', 'Event', 'EventTarget', 'fetch', 'performance', 'queueMicrotask', 'ReadableStream',
  'setInterval', 'setTimeout', 'structuredClone', 'TextDecoder', 'TextEncoder', 'TransformStream', 'URL', 'URLSearchParams', 'WritableStream',
] as const

/** Of the language, but one and the same on both sides: bytes and errors that `node:` modules hand to tests are instances of what tests mean. */
const shared = ['ArrayBuffer', 'BigInt64Array', 'BigUint64Array', 'DataView', 'Error', 'Float32Array', 'Float64Array', 'Int8Array', 'Int16Array', 'Int32Array', 'Map', 'Set', 'SharedArrayBuffer', 'Uint8Array', 'Uint8ClampedArray', 'Uint16Array', 'Uint32Array'] as const

/** Not everywhere, although the object is. */
const without = <T extends object>(object: T, name: string): T => new Proxy(object, { get: (target, key, receiver) => (key === name ? undefined : Reflect.get(target, key, receiver) as unknown) })

export default {
  name: 'web',
  viteEnvironment: 'ssr',
  setup: () => { throw new Error('This environment is for the pool vmThreads') },
  setupVM() {
    const globals = globalThis as unknown as Record<string, unknown>
    const context = createContext(Object.fromEntries([...everywhere, ...shared].map((name) => [name, globals[name]])))
    Object.assign(context, { AbortSignal: without(AbortSignal, 'any') })
    Object.assign(context, { Buffer }) // for tests: what is in src does not see it (vitest.config.ts)
    const language = runInContext('Symbol', context) as SymbolConstructor
    for (const name of ['dispose', 'asyncDispose'] as const) if (!(name in language)) Object.defineProperty(language, name, { value: Symbol[name] })
    return { getVmContext: () => context, teardown: () => {} }
  },
} satisfies Environment

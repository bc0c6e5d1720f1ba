// Runtimes without sockets of their own: a transport comes through the options.
import type { Connect, Listen } from './transport.js'
import type { NativeCompressor } from './platform.node.js'

const refusal = 'This runtime has no TCP sockets that cqlwire knows: pass a transport in the options'

export const connect: Connect = () => Promise.reject(new Error(refusal))

export const listen: Listen = () => Promise.reject(new Error(refusal))

export function resolveHost(host: string): Promise<string[]> {
  return Promise.resolve([host])
}

export const crc32: ((bytes: Uint8Array, value?: number) => number) | undefined = undefined

export function loadNativeCompressor(): Promise<NativeCompressor | undefined> {
  return Promise.resolve(undefined)
}

export const defer: (callback: () => void) => void = (callback) => queueMicrotask(callback)

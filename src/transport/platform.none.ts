// Runtimes without sockets of their own: a transport comes through the options.
import type { Connect, Diagnostics, Listen } from './transport.js'
import type { Folder } from './folder.js'
import type { NativeCompressor } from './platform.node.js'

const refusal = 'This runtime has no TCP sockets that cqlwire knows: pass a transport in the options'

/** Refuses: there are no sockets here. */
export const connect: Connect = () => Promise.reject(new Error(refusal))

/** Refuses: there are no sockets here. */
export const listen: Listen = () => Promise.reject(new Error(refusal))

/** Gives names to the transport as they are. */
export function resolveHost(host: string): Promise<string[]> {
  return Promise.resolve([host])
}

/** None: the plain one is used. */
export const crc32: ((bytes: Uint8Array, value?: number) => number) | undefined = undefined

/** None: this runtime hashes only in the background. */
export function hash(_algorithm: string, _bytes: Uint8Array): Uint8Array | undefined {
  return undefined
}

/** Sockets that may be open at once; undefined for as many as one wants. */
export const socketLimit: number | undefined = undefined

/** None: the plain ones are used. */
export function loadNativeCompressor(): Promise<NativeCompressor | undefined> {
  return Promise.resolve(undefined)
}

/** Calls back in a microtask. */
export const defer: (callback: () => void) => void = (callback) => queueMicrotask(callback)

/** None. */
export const diagnostics: Diagnostics | undefined = undefined

/** Refuses: there are no files here. */
export function openFolder(_path: string): Promise<Folder> {
  return Promise.reject(new Error('This runtime has no files that cqlwire knows'))
}

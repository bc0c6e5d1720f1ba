import type { Connect, Listen, Listener, Transport, TransportHandlers } from '../transport/index.js'

type Accept = Parameters<Listen>[1]

/** In a turn of its own, so that timers have theirs. */
const later: (callback: () => void) => void = (globalThis as { setImmediate?: (callback: () => void) => void }).setImmediate ?? ((callback) => void setTimeout(callback, 0))

/** Bytes on their way from which on a writer should wait. */
const HIGH_WATER = 256 * 1024

/**
 * Streams within this process: a server listens at addresses that no socket has, and clients that are given {@link MemoryNetwork.connect} for a transport reach it there.
 * What is written arrives in a later turn, as it does on a socket.
 */
export class MemoryNetwork {
  readonly #listeners = new Map<string, Accept>()
  #lastPort = 49_151

  /** Accepts streams at an address of this network alone. */
  readonly listen: Listen = ({ host, port, tls }, accept) => {
    if (tls) return Promise.reject(new Error('Streams within a process have no TLS'))
    const own = port === 0 ? ++this.#lastPort : port
    const name = `${host}:${own}`
    if (this.#listeners.has(name)) return Promise.reject(Object.assign(new Error(`${name} is taken`), { code: 'EADDRINUSE', port: own }))
    this.#listeners.set(name, accept)
    const listener: Listener = {
      port: own,
      close: () => {
        this.#listeners.delete(name)
        return Promise.resolve()
      },
    }
    return Promise.resolve(listener)
  }

  /** Opens a stream to an address of this network: for the option `transport` of a client. */
  readonly connect: Connect = ({ host, port, signal }, handlers) => {
    const accept = this.#listeners.get(`${host}:${port}`)
    if (signal.aborted) return Promise.reject(signal.reason as Error)
    if (!accept) return Promise.reject(Object.assign(new Error(`Nobody listens at ${host}:${port}`), { code: 'ECONNREFUSED' }))
    const [near, far] = [new MemoryStream(), new MemoryStream()]
    near.peer = far
    far.peer = near
    near.handlers = handlers
    far.handlers = accept(far, { address: '127.0.0.1', port: ++this.#lastPort })
    return Promise.resolve(near)
  }
}

/** One end of a stream. */
class MemoryStream implements Transport {
  peer!: MemoryStream
  handlers!: TransportHandlers
  #onTheWay = 0
  #isOpen = true
  #isFull = false

  write(bytes: Uint8Array, done: () => void): boolean {
    if (!this.#isOpen) return true
    this.#onTheWay += bytes.length
    later(() => this.#arrive(bytes, done))
    this.#isFull = this.#onTheWay > HIGH_WATER
    return !this.#isFull
  }

  #arrive(bytes: Uint8Array, done: () => void): void {
    this.#onTheWay -= bytes.length
    if (this.peer.#isOpen) this.peer.handlers.onData(bytes)
    done()
    if (this.#isFull && this.#onTheWay === 0 && this.#isOpen) {
      this.#isFull = false
      this.handlers.onDrain()
    }
  }

  close(): void {
    // Once what was written has gone.
    later(() => this.destroy())
  }

  destroy(): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    later(() => {
      this.handlers.onClose(undefined)
      this.peer.#end()
    })
  }

  #end(): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    this.handlers.onClose(undefined)
  }

  unref(): void {}
}

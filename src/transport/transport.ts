/** One open byte stream to a peer. */
export interface Transport {
  /**
   * Sends bytes, which must not change until `done` is called.
   *
   * @returns false when the peer reads too slowly: wait for `onDrain` before writing more
   */
  write(bytes: Uint8Array, done: () => void): boolean
  /** Ends the stream once what was written has gone. */
  close(): void
  /** Breaks the stream at once. */
  destroy(): void
  /** Lets the process end although the stream is open, where the runtime knows of such a thing. */
  unref(): void
}

/** What a {@link Transport} calls. */
export interface TransportHandlers {
  /** Bytes came in; they are valid only during the call. */
  onData(chunk: Uint8Array): void
  /** More may be written after `write` returned false. */
  onDrain(): void
  /** The stream has ended, with the reason if it broke. Called once, and nothing after it. */
  onClose(error: Error | undefined): void
}

/** TLS as the user writes it. */
export interface TlsOptions {
  /** PEM of the certificate authorities to trust. @default those of the platform */
  readonly ca?: string | Uint8Array | readonly (string | Uint8Array)[]
  /** PEM of the client's certificate, for servers that ask for one. */
  readonly cert?: string | Uint8Array
  /** PEM of the client's private key. */
  readonly key?: string | Uint8Array
  /** The name to ask for and to verify, for nodes whose certificate does not carry their address. @default the address */
  readonly serverName?: string | ((node: { readonly address: string; readonly port: number }) => string)
  /** Whether the certificate and the name in it are verified. @default true */
  readonly verify?: boolean
}

/** Where to connect, and how. */
export interface ConnectOptions {
  readonly host: string
  readonly port: number
  readonly tls?: TlsOptions | undefined
  /** The port to come from; runtimes that cannot choose it ignore it. */
  readonly localPort?: number | undefined
  /** Gives up connecting. */
  readonly signal: AbortSignal
}

/** Opens a stream; rejects with the platform's error. */
export type Connect = (options: ConnectOptions, handlers: TransportHandlers) => Promise<Transport>

/** Where to listen, and how. */
export interface ListenOptions {
  readonly host: string
  /** 0 takes a free one. */
  readonly port: number
  /** PEM of the server's certificate and key, and of the authorities whose clients are let in. */
  readonly tls?: { readonly cert: string | Uint8Array; readonly key: string | Uint8Array; readonly ca?: string | Uint8Array } | undefined
}

/** A socket that accepts streams. */
export interface Listener {
  readonly port: number
  /** Stops accepting; streams that are open stay so. */
  close(): Promise<void>
}

/** Accepts streams: `accept` is given each and returns its handlers. */
export type Listen = (options: ListenOptions, accept: (transport: Transport, remote: { readonly address: string; readonly port: number }) => TransportHandlers) => Promise<Listener>

/** The part of `node:diagnostics_channel` that is used, where the runtime has it. */
export interface Diagnostics {
  channel(name: string): { readonly hasSubscribers: boolean; publish(message: unknown): void }
  tracingChannel(name: string): { readonly hasSubscribers: boolean; tracePromise<T>(run: () => Promise<T>, context: object): Promise<T> }
}

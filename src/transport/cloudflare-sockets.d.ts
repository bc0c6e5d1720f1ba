/** The part of Cloudflare's socket API that is used (developers.cloudflare.com/workers/runtime-apis/tcp-sockets). */
declare module 'cloudflare:sockets' {
  export interface Socket {
    readonly readable: { getReader(options: { readonly mode: 'byob' }): { read(view: Uint8Array): Promise<{ readonly done: boolean; readonly value?: Uint8Array }> } }
    readonly writable: { getWriter(): { write(bytes: Uint8Array): Promise<void>; close(): Promise<void> } }
    readonly opened: Promise<unknown>
    readonly closed: Promise<void>
    close(): Promise<void>
    startTls(options: { readonly expectedServerHostname?: string }): Socket
  }
  export function connect(address: { readonly hostname: string; readonly port: number }, options: { readonly secureTransport: 'off' | 'on' | 'starttls'; readonly allowHalfOpen: boolean }): Socket
}

import { Events } from '../base/index.js'
import type { CqlError } from '../base/index.js'
import type { NodeInfo } from '../cluster/index.js'
import type { LoadBalancingEvents } from '../policies/index.js'
import type { SchemaChange } from '../protocol/index.js'
import { diagnostics } from '../transport/index.js'

/** A request that has ended. It holds the statement's text, never the values bound to it. */
export interface RequestEvent {
  readonly query: string
  readonly keyspace: string | undefined
  /** From the call to the end, in milliseconds. */
  readonly latencyMs: number
  /** How often it was sent. */
  readonly attempts: number
  readonly speculative: number
  /** `host:port` of the node that answered last; undefined when it was never sent. */
  readonly node: string | undefined
  /** What it failed with. */
  readonly error: Error | undefined
}

/** What a client tells those who listen. */
export interface ClientEvents {
  /** A node was found. */
  nodeAdded: NodeInfo
  /** A node has left the cluster. */
  nodeRemoved: NodeInfo
  /** The first connection to a node is open. */
  nodeUp: NodeInfo
  /** The last connection to a node is gone. */
  nodeDown: NodeInfo
  connectionOpened: { readonly node: string }
  connectionClosed: { readonly node: string; readonly error: CqlError }
  /** A load balancing policy keeps requests away from a node, lets some through to see whether it is well, or no longer does. */
  nodeBreaker: LoadBalancingEvents['nodeBreaker']
  /** The schema was changed, by whomever. */
  schemaChange: SchemaChange
  /** A request has ended, well or badly. */
  request: RequestEvent
  /** An attempt has failed, and another one follows on the same node or the next. */
  retry: { readonly query: string; readonly node: string; readonly error: CqlError; readonly on: 'same' | 'next'; readonly retries: number }
  /** A request is sent to another node, too, because the first one takes long. */
  speculation: { readonly query: string; readonly node: string }
  /** A statement was prepared. */
  prepare: { readonly query: string }
  /** Something that needs no answer but should be known. */
  warning: { readonly message: string; readonly cause?: unknown }
}

/** What observers may ask of a request. */
export interface ObservedRequest {
  readonly queryText: string
  readonly latencyMs: number
  readonly attempts: number
  readonly speculativeAttempts: number
  readonly lastNode: string | undefined
}

/**
 * Whoever watches the client: listeners of `client.on`, and subscribers of the channels `cqlwire:<event>` of Node's
 * diagnostics_channel, where `cqlwire:request` is a tracing channel. Without any, a request costs two reads of a flag.
 */
export class Observers {
  readonly events: Events<ClientEvents> = new Events()

  /** Whether anybody wants to know of requests. */
  get active(): boolean {
    return this.events.has('request') || requests?.hasSubscribers === true
  }

  emit<Name extends keyof ClientEvents>(name: Name, event: ClientEvents[Name]): void {
    this.events.emit(name, event)
    if (name !== 'request' && diagnostics) {
      const channel = diagnostics.channel(`cqlwire:${name}`)
      if (channel.hasSubscribers) channel.publish(event)
    }
  }

  /** Runs a request under the eyes of its observers. */
  observe<T>(request: ObservedRequest, keyspace: string | undefined, start: () => Promise<T>): Promise<T> {
    const run = (): Promise<T> => start().then(
      (result) => {
        this.#emitRequest(request, keyspace, undefined)
        return result
      },
      (error: Error) => {
        this.#emitRequest(request, keyspace, error)
        throw error
      })
    if (requests?.hasSubscribers !== true) return run()
    return requests.tracePromise(run, { query: request.queryText, keyspace })
  }

  #emitRequest(request: ObservedRequest, keyspace: string | undefined, error: Error | undefined): void {
    if (!this.events.has('request')) return
    const { queryText: query, latencyMs, attempts, speculativeAttempts: speculative, lastNode: node } = request
    this.events.emit('request', { query, keyspace, latencyMs, attempts, speculative, node, error })
  }
}

const requests = diagnostics?.tracingChannel('cqlwire:request')

import { CqlError } from '../base/index.js'
import type { Client } from './client.js'

/** One step of a trace. */
export interface TraceEvent {
  /** What happened. */
  readonly activity: string
  /** Address of the node where it happened. */
  readonly source: string
  /** Microseconds since that node began. */
  readonly elapsedMicros: number | undefined
  readonly thread: string | undefined
}

/** How the servers executed a request (`system_traces`). */
export interface Trace {
  readonly id: string
  /** What was traced, such as `Execute CQL3 query`. */
  readonly request: string | undefined
  /** Address of the node that coordinated it. */
  readonly coordinator: string | undefined
  readonly startedAt: Date | undefined
  readonly durationMicros: number
  readonly parameters: ReadonlyMap<string, string>
  readonly events: readonly TraceEvent[]
}

interface SessionRow {
  readonly request: string | null
  readonly coordinator: string | null
  readonly started_at: Date | null
  readonly duration: number | null
  readonly parameters: ReadonlyMap<string, string> | Readonly<Record<string, string>> | null
}

interface EventRow {
  readonly activity: string
  readonly source: string
  readonly source_elapsed: number | null
  readonly thread: string | null
}

/** Servers write traces after they have answered, the session and each event by itself: they are asked for again until there are both. */
const WAITS_MS = [5, 10, 20, 50, 100, 200, 400, 800, 1600, 3200]

/** Fetches a trace. @throws CqlError `CQL_TRACE_MISSING` when it is not complete after some seconds */
export async function fetchTrace(client: Client, id: string, wait: (ms: number) => Promise<void>): Promise<Trace> {
  let trace: Trace | undefined
  for (const ms of WAITS_MS) {
    const session = (await client.execute<SessionRow>('SELECT request, coordinator, started_at, duration, parameters FROM system_traces.sessions WHERE session_id = ?', [id], { consistency: 'one' })).first()
    if (session && session.duration !== null) {
      const events = await client.execute<EventRow>('SELECT activity, source, source_elapsed, thread FROM system_traces.events WHERE session_id = ?', [id], { consistency: 'one', autoPage: true })
      const parameters = session.parameters instanceof Map ? session.parameters : new Map(Object.entries(session.parameters ?? {}))
      trace = {
        id, parameters, request: session.request ?? undefined, coordinator: session.coordinator ?? undefined, startedAt: session.started_at ?? undefined,
        durationMicros: session.duration,
        events: events.rows.map((event) => ({ activity: event.activity, source: event.source, elapsedMicros: event.source_elapsed ?? undefined, thread: event.thread ?? undefined })),
      }
      if (trace.events.length > 0) return trace
    }
    await wait(ms)
  }
  if (trace) return trace
  throw new CqlError(`The trace ${id} is not complete: the servers have not written it, or it was not asked for with tracing: true`, 'CQL_TRACE_MISSING', 'retryable')
}

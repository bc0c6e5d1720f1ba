import { expect, test } from 'vitest'
import type { Client } from '../../src/client/index.js'
import { fetchTrace } from '../../src/client/trace.js'

/** A node that has written so much of a trace when it is asked for the first, second ... time. */
function answering(sessions: readonly (object | undefined)[], events: readonly (readonly object[])[]): Client {
  let asked = -1
  return {
    async execute(query: string) {
      if (query.includes('sessions')) return { first: () => sessions[Math.min(++asked, sessions.length - 1)] }
      return { rows: events[Math.min(asked, events.length - 1)] }
    },
  } as unknown as Client
}

const session = { request: 'Execute CQL3 query', coordinator: '127.0.0.1', started_at: new Date(0), duration: 5, parameters: new Map() }
const event = { activity: 'Parsing', source: '127.0.0.1', source_elapsed: 1, thread: 't' }

test('a trace is waited for until its session is complete and its events are there', async () => {
  const waits: number[] = []
  const wait = async (ms: number): Promise<void> => { waits.push(ms) }
  const trace = await fetchTrace(answering([undefined, { ...session, duration: null }, session, session], [[], [], [], [event]]), 'x', wait)
  expect(trace).toMatchObject({ durationMicros: 5, events: [{ activity: 'Parsing' }] })
  expect(waits.length).toBe(3)
})

test('a session whose events never come is a trace without events; no session is an error', async () => {
  const wait = async (): Promise<void> => {}
  expect((await fetchTrace(answering([session], [[]]), 'x', wait)).events).toEqual([])
  await expect(fetchTrace(answering([undefined], [[]]), 'x', wait)).rejects.toMatchObject({ code: 'CQL_TRACE_MISSING' })
})

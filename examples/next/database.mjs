import process from 'node:process'
import { Client } from 'cqlwire'

/** One client for the whole process: `next dev` loads modules anew after each change, and would open a pool each time. */
export const client = (globalThis.cqlwireClient ??= new Client({ contactPoints: (process.env.CONTACT_POINTS ?? '127.0.0.1').split(',') }))

// The conformance suite in the Vercel edge runtime, which has no sockets: through a bridge.
import * as cqlwire from '../../dist/client/index.js'
import { conformance } from './conformance.mjs'

globalThis.conformanceThrough = async (url, settings) => JSON.stringify(await conformance(cqlwire, { ...settings, transport: cqlwire.webSocketTransport({ url }) }))

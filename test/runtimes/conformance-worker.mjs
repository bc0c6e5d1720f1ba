// The conformance suite in a Worker: settings come as the body of a request.
import * as cqlwire from '../../dist/client/index.js'
import { conformance } from './conformance.mjs'

export default {
  async fetch(request) {
    if (request.method !== 'POST') return new Response('ready')
    return Response.json(await conformance(cqlwire, await request.json()))
  },
}

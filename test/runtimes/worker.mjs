// The scenario in a Worker.
import * as resilience from '../../dist/resilience/index.js'
import { scenario } from './scenario.mjs'

export default {
  async fetch() {
    try {
      return Response.json(await scenario(resilience))
    } catch (error) {
      return new Response(String(error), { status: 500 })
    }
  },
}

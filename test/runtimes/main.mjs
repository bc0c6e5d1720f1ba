// The scenario on a runtime that loads modules from files.
import * as resilience from '../../dist/resilience/index.js'
import { scenario } from './scenario.mjs'

console.log(JSON.stringify(await scenario(resilience)))

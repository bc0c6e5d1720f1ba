// The conformance suite as a program: `conformance-main.mjs '{"contactPoints": ["127.0.0.1:9042"], "keyspace": "ks"}'`.
import process from 'node:process'
import * as cqlwire from '../../dist/client/index.js'
import { conformance } from './conformance.mjs'

console.log(JSON.stringify(await conformance(cqlwire, JSON.parse(process.argv[2]))))

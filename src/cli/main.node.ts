#!/usr/bin/env node
// The command line. Commands are loaded when they are asked for.
import process from 'node:process'
import { isCqlError } from '../base/index.js'
import { version } from '../client/index.js'

const help = `cqlwire ${version}: a client for Apache Cassandra and ScyllaDB, and a CQL server for development

Usage: cqlwire <command> [options]

Commands:
  demo      load 20,000 flights and query them, on an embedded server or on your cluster
  serve     run the embedded CQL server until it is stopped
  shell     run statements, from the keyboard or from a file
  bridge    carry WebSockets to a cluster, for runtimes without sockets
  unload    write a table to a file: CSV or JSON Lines
  load      write a file to a table
  copy      copy a table to another cluster, keyspace or table
  count     count the rows of a table
  generate  write a migration that makes a keyspace what tables declare it to be
  migrate   run pending migrations; status, check and down look at them and take them back
  pull      write TypeScript that declares the tables of a keyspace
  fuzz      give a server or a client bytes that it does not expect, and see what it does

Each command explains itself with --help.
`

async function main(args: readonly string[]): Promise<void> {
  const [command, ...rest] = args
  switch (command) {
    case 'demo':
      return (await import('./demo.node.js')).demo(rest)
    case 'serve':
      return (await import('./serve.node.js')).serve(rest)
    case 'shell':
      return (await import('./shell.node.js')).shell(rest)
    case 'bridge':
      return (await import('./bridge.node.js')).bridge(rest)
    case 'unload':
      return (await import('./unload.node.js')).unload(rest)
    case 'load':
      return (await import('./load.node.js')).load(rest)
    case 'copy':
      return (await import('./copy.node.js')).copy(rest)
    case 'count':
      return (await import('./count.node.js')).count(rest)
    case 'fuzz':
      return (await import('./fuzz.node.js')).fuzz(rest)
    case 'generate':
      return (await import('./generate.node.js')).generate(rest)
    case 'migrate':
    case 'status':
    case 'check':
    case 'down':
      return (await import('./migrate.node.js')).migrate(command, rest)
    case 'pull':
      return (await import('./pull.node.js')).pull(rest)
    case '--version':
      process.stdout.write(`${version}\n`)
      return
    case undefined:
    case '--help':
    case '-h':
    case 'help':
      process.stdout.write(help)
      return
    default:
      process.stderr.write(`Unknown command '${command}'.\n\n${help}`)
      process.exitCode = 2
  }
}

main(process.argv.slice(2)).catch((error: unknown) => {
  const usage = (error as { code?: string }).code?.startsWith('ERR_PARSE_ARGS') === true
  process.stderr.write(`${isCqlError(error) || usage ? (error as Error).message : error instanceof Error ? error.stack : String(error)}\n`)
  process.exitCode = usage ? 2 : 1
})

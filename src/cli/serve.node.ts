import { readFileSync } from 'node:fs'
import process from 'node:process'
import { parseArgs } from 'node:util'
import { OptionError } from '../base/index.js'
import { CqlServer } from '../server/index.js'

const help = `Usage: cqlwire serve [options]

Runs a CQL server until it is stopped with Ctrl-C. Any CQL client can use it, for example
cqlsh, or Client.connect({ contactPoints: ['127.0.0.1'] }).

Options:
  --host ADDRESS       address to listen on (default 127.0.0.1)
  --port PORT          port to listen on, 0 for any free one (default 9042)
  --directory FOLDER   keep the data there; without it, it is gone when the server stops
  --nodes N            nodes, on the next ports (default 1)
  --user NAME:SECRET   ask clients for this user name and password
  --tls-cert FILE      certificate as PEM; with --tls-key, connections are encrypted
  --tls-key FILE       private key as PEM
  --json               print the address as JSON
  --help               show this
`

/** `cqlwire serve`. */
export async function serve(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      host: { type: 'string' }, port: { type: 'string' }, nodes: { type: 'string' }, directory: { type: 'string' }, user: { type: 'string' }, 'tls-cert': { type: 'string' }, 'tls-key': { type: 'string' },
      json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' },
    },
  })
  if (values.help) {
    process.stdout.write(help)
    return
  }
  const port = Number(values.port ?? 9042)
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new OptionError('port', `--port must be a number from 0 to 65535, not '${values.port}'`)
  const user = values.user?.split(':')
  if (user && user.length < 2) throw new OptionError('user', '--user must have the form NAME:SECRET')
  const cert = values['tls-cert']
  const key = values['tls-key']
  if ((cert === undefined) !== (key === undefined)) throw new OptionError('tls', '--tls-cert and --tls-key belong together')
  const nodes = Number(values.nodes ?? 1)
  if (!Number.isInteger(nodes) || nodes < 1 || nodes > 250) throw new OptionError('nodes', `--nodes must be a number from 1 to 250, not '${values.nodes}'`)
  const server = await start({
    port, nodes,
    ...(values.directory !== undefined && { directory: values.directory }),
    ...(values.host !== undefined && { host: values.host }),
    ...(user && { auth: { username: user[0]!, password: user.slice(1).join(':') } }),
    ...(cert !== undefined && key !== undefined && { tls: { cert: readFileSync(cert), key: readFileSync(key) } }),
  })
  const addresses = server.contactPoints
  process.stdout.write(values.json ? `${JSON.stringify({ address: addresses[0], port: server.port, addresses })}\n` : `Listening for CQL clients on ${addresses.join(', ')}. Stop with Ctrl-C.\n`)
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve())
  })
  await server.close()
}

async function start(options: Parameters<typeof CqlServer.start>[0] & object): Promise<CqlServer> {
  try {
    return await CqlServer.start(options)
  } catch (error) {
    const code = (error as { code?: string }).code
    if (code === 'EADDRINUSE') throw new OptionError('port', `Port ${(error as { port?: number }).port ?? options.port} is taken: choose another with --port, or 0 for any free one`)
    if (code === 'EADDRNOTAVAIL') throw new OptionError('host', `${options.host} is no address of this machine`)
    throw error
  }
}

import { readFileSync } from 'node:fs'
import process from 'node:process'
import { parseArgs } from 'node:util'
import { OptionError } from '../base/index.js'
import { numberOption } from './connect-options.node.js'
import { startBridge } from './web-socket-bridge.node.js'

const help = `Usage: cqlwire bridge --allow HOST:PORT [options]

Carries connections from runtimes without sockets, such as browsers and the Vercel edge runtime, to a
cluster: each WebSocket is one connection. Clients use webSocketTransport({ url, token }).
Needs the package ws.

Options:
  --allow HOST:PORT    where tunnels may lead, as clients name it; may be given several times; HOST:* for all ports
  --token TEXT         what clients must show; also from the variable CQLWIRE_BRIDGE_TOKEN
  --host ADDRESS       address to listen on (default 127.0.0.1)
  --port PORT          port to listen on, 0 for any free one (default 8042)
  --tls                encrypt what goes to the nodes
  --tls-ca FILE        the authority that signed the nodes' certificates, as PEM
  --tls-name NAME      the name in the nodes' certificates, where it is not their address
  --max-tunnels N      tunnels at once (default 1000)
  --json               print the address as JSON
  --help               show this

Put a proxy that speaks TLS in front of it where others than this machine reach it.
`

/** `cqlwire bridge`. */
export async function bridge(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      allow: { type: 'string', multiple: true }, token: { type: 'string' }, host: { type: 'string' }, port: { type: 'string' }, tls: { type: 'boolean' }, 'tls-ca': { type: 'string' }, 'tls-name': { type: 'string' },
      'max-tunnels': { type: 'string' }, json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' },
    },
  })
  if (values.help) {
    process.stdout.write(help)
    return
  }
  const { allow = [], host = '127.0.0.1' } = values
  if (allow.length === 0) throw new OptionError('allow', 'Say with --allow where tunnels may lead: --allow 10.0.0.1:9042')
  const wrong = allow.find((place) => !/^(\[[\da-fA-F:.]+\]|[\w.-]+):(\d{1,5}|\*)$/.test(place))
  if (wrong !== undefined) throw new OptionError('allow', `--allow must have the form HOST:PORT or HOST:*, not '${wrong}'`)
  const port = numberOption('port', values.port) ?? 8042
  const token = values.token ?? process.env['CQLWIRE_BRIDGE_TOKEN']
  if (token === undefined && host !== '127.0.0.1' && host !== '::1' && host !== 'localhost') throw new OptionError('token', 'A bridge that others than this machine reach needs a token: --token, or the variable CQLWIRE_BRIDGE_TOKEN')
  const running = await startBridge({
    host, port, allow, token, maxTunnels: numberOption('max-tunnels', values['max-tunnels']) ?? 1000,
    tls: values.tls || values['tls-ca'] !== undefined ? { ca: values['tls-ca'] === undefined ? undefined : readFileSync(values['tls-ca']), serverName: values['tls-name'] } : undefined,
    onRefused: (reason) => process.stderr.write(`Refused: ${reason}\n`),
  })
  const url = `ws://${host.includes(':') ? `[${host}]` : host}:${running.port}`
  process.stdout.write(values.json ? `${JSON.stringify({ url, port: running.port })}\n` : `Carrying WebSockets from ${url} to ${allow.join(', ')}. Stop with Ctrl-C.\n`)
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve())
  })
  await running.close()
}

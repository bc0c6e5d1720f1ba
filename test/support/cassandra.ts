// A real Apache Cassandra on loopback addresses, started from its Maven artifacts: no Docker, seconds instead of a minute.
import { execFile, spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'

const run = promisify(execFile)

export interface ClusterOptions {
  /** @default '5.0.6' */
  readonly version?: string
  /** Data centre of each node; its length is the number of nodes. */
  readonly dataCenters?: readonly string[]
  /** Rack of each node. @default rack1 for all */
  readonly racks?: readonly string[]
  /** The first three numbers of the nodes' addresses, such as 127.0.40. */
  readonly network: string
  /** PasswordAuthenticator and CassandraAuthorizer; the first user is cassandra/cassandra. */
  readonly auth?: boolean
  /** Encrypts client connections; 'mutual' asks clients for a certificate. */
  readonly tls?: boolean | 'mutual'
  /** Every acknowledged write survives `kill -9` of all nodes. */
  readonly commitLog?: 'periodic' | 'batch'
  /** Heap of each node in MiB. @default 512 */
  readonly heapMb?: number
  /** Goes on after an OutOfMemoryError, which otherwise ends a node. */
  readonly surviveOutOfMemory?: boolean
  /** Further lines of cassandra.yaml. */
  readonly yaml?: string
}

interface NodeState {
  address: string
  readonly directory: string
  readonly dataCenter: string
  readonly rack: string
  /** From 0. */
  readonly number: number
  readonly jmxPort: number
  process: ChildProcess | undefined
  frozen: boolean
}

/** What a node's log last said of another node. */
function lastStatus(log: string, address: string): string | undefined {
  return [...log.matchAll(new RegExp(`InetAddress /${address.replaceAll('.', '\\.')}:7000 is now (UP|DOWN)`, 'g'))].at(-1)?.[1]
}

function accepts(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port })
    socket.once('connect', () => { socket.destroy(); resolve(true) })
    socket.once('error', () => resolve(false))
  })
}

/** Whether Java and Maven are there. */
export async function canRunCassandra(): Promise<boolean> {
  try {
    await Promise.all([run('java', ['-version']), run('mvn', ['-v'])])
    return true
  } catch {
    return false
  }
}

/** Fetches the server's jars once per version. */
async function libraries(version: string): Promise<string> {
  const directory = join(process.env['CQLWIRE_CASSANDRA_CACHE'] ?? join(homedir(), '.cache', 'cqlwire-cassandra'), version)
  if (existsSync(join(directory, 'complete'))) return join(directory, 'lib')
  mkdirSync(directory, { recursive: true })
  writeFileSync(join(directory, 'pom.xml'), `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>local</groupId><artifactId>cassandra</artifactId><version>1</version><dependencies><dependency>
<groupId>org.apache.cassandra</groupId><artifactId>cassandra-all</artifactId><version>${version}</version></dependency></dependencies></project>`)
  await run('mvn', ['-q', '-B', '-f', join(directory, 'pom.xml'), 'dependency:copy-dependencies', `-DoutputDirectory=${join(directory, 'lib')}`], { maxBuffer: 1 << 26 })
  writeFileSync(join(directory, 'complete'), '')
  return join(directory, 'lib')
}

const EXPORTS = ['jdk.internal.misc', 'jdk.internal.ref', 'sun.nio.ch', 'java.lang.ref', 'java.lang.reflect'].map((name) => `java.base/${name}`)
const OPENS = [
  'java.lang.module', 'jdk.internal.loader', 'jdk.internal.ref', 'jdk.internal.reflect', 'jdk.internal.math', 'jdk.internal.module', 'jdk.internal.util.jar', 'sun.nio.ch', 'java.io',
  'java.lang', 'java.lang.reflect', 'java.util', 'java.util.concurrent', 'java.util.concurrent.atomic', 'java.nio',
].map((name) => `java.base/${name}`)
const MODULES = [
  ...[...EXPORTS, 'java.management.rmi/com.sun.jmx.remote.internal.rmi', 'java.rmi/sun.rmi.registry', 'java.rmi/sun.rmi.server', 'java.sql/java.sql', 'jdk.unsupported/sun.misc'].flatMap((name) => ['--add-exports', `${name}=ALL-UNNAMED`]),
  ...[...OPENS, 'jdk.management/com.sun.management.internal'].flatMap((name) => ['--add-opens', `${name}=ALL-UNNAMED`]),
]

const VNODES = 16

/** Certificates of a cluster: one authority, one key for all nodes, one for clients. */
export interface Certificates {
  readonly ca: string
  readonly clientCert: string
  readonly clientKey: string
}

/** A cluster of real nodes, each a process of its own. */
export class CassandraCluster {
  readonly #options: ClusterOptions
  readonly #directory: string
  readonly #nodes: NodeState[] = []
  #libraries = ''
  #jmx = 0

  private constructor(options: ClusterOptions, directory: string) {
    this.#options = options
    this.#directory = directory
  }

  /** Starts a cluster and waits until every node listens for clients. */
  static async start(options: ClusterOptions): Promise<CassandraCluster> {
    const directory = join(process.env['CQLWIRE_CASSANDRA_DIR'] ?? tmpdir(), `cqlwire-cassandra-${options.network}-${process.pid}`)
    rmSync(directory, { recursive: true, force: true })
    mkdirSync(directory, { recursive: true })
    const cluster = new CassandraCluster(options, directory)
    try {
      cluster.#libraries = await libraries(options.version ?? '5.0.6')
      if (options.tls) await cluster.#makeCertificates()
      for (const dataCenter of options.dataCenters ?? ['dc1']) await cluster.addNode(dataCenter)
      return cluster
    } catch (error) {
      await cluster.stop()
      throw error
    }
  }

  get contactPoints(): string[] {
    return this.#nodes.map(({ address }) => `${address}:9042`)
  }

  get certificates(): Certificates {
    const read = (name: string): string => readFileSync(join(this.#directory, 'tls', name), 'utf8')
    return { ca: read('ca.pem'), clientCert: read('client.pem'), clientKey: read('client.key') }
  }

  /** Adds a node that joins those there are. @returns its number, from 0 */
  async addNode(dataCenter = 'dc1'): Promise<number> {
    const number = this.#nodes.length
    const directory = join(this.#directory, `node${number + 1}`)
    this.#jmx ||= 20_000 + (Number(this.#options.network.split('.').at(-1)) * 100)
    const node: NodeState = { address: `${this.#options.network}.${number + 1}`, directory, dataCenter, rack: this.#options.racks?.[number] ?? 'rack1', number, jmxPort: this.#jmx + number, process: undefined, frozen: false }
    this.#nodes.push(node)
    await this.#join(number)
    return number
  }

  /** Takes a node out of the cluster for good; its data moves to the others. */
  async removeNode(number: number): Promise<void> {
    await this.nodetool(number, 'decommission')
    await this.#end(this.#nodes[number]!, 'SIGKILL')
  }

  async nodetool(number: number, ...args: readonly string[]): Promise<string> {
    const { stdout } = await run('java', [...MODULES, '-cp', `${this.#libraries}/*`, 'org.apache.cassandra.tools.NodeTool', '-h', '127.0.0.1', '-p', String(this.#nodes[number]!.jmxPort), ...args], { maxBuffer: 1 << 26 })
    return stdout
  }

  /** `kill -9`. */
  async kill(number: number): Promise<void> {
    await this.#end(this.#nodes[number]!, 'SIGKILL')
  }

  /** A half-open node: its sockets stay open, and nothing answers. */
  freeze(number: number): void {
    const node = this.#nodes[number]!
    node.frozen = true
    node.process?.kill('SIGSTOP')
  }

  resume(number: number): void {
    const node = this.#nodes[number]!
    node.frozen = false
    node.process?.kill('SIGCONT')
  }

  /** Starts a stopped node again with its data, at another address if one is given. */
  async restart(number: number, address?: string): Promise<void> {
    const node = this.#nodes[number]!
    if (address !== undefined) node.address = address
    this.#configure(node)
    await this.#launch(node)
    await this.#gossipSettled()
  }

  /** Waits until every running node takes every other for up: before that, schema changes and quorums may leave one out. */
  async #gossipSettled(): Promise<void> {
    const running = this.#nodes.filter((node) => node.process !== undefined && !node.frozen)
    const started = Date.now()
    for (;;) {
      const missing = running.flatMap((node) => {
        const log = readFileSync(join(node.directory, 'log'), 'utf8')
        return running.filter((other) => other !== node && lastStatus(log, other.address) !== 'UP').map((other) => `${node.address} of ${other.address}`)
      })
      if (missing.length === 0) return
      if (Date.now() - started > 60_000) throw new Error(`Nodes do not know that others are up: ${missing.join(', ')}`)
      await sleep(250)
    }
  }

  /** A node that joins may give up when gossip of the one before has not settled: it tries once more from nothing. */
  async #join(number: number): Promise<void> {
    try {
      await this.restart(number)
    } catch (error) {
      const node = this.#nodes[number]!
      if (node.process?.exitCode === null) throw error
      process.stderr.write(`Node ${number + 1} could not join and tries again: ${String(error)}\n`)
      for (const part of ['data', 'commitlog', 'hints', 'saved_caches']) rmSync(join(node.directory, part), { recursive: true, force: true })
      await sleep(12_000) // until gossip has forgotten the first try
      await this.restart(number)
    }
  }

  /** Stops all nodes and removes what they wrote. */
  async stop(): Promise<void> {
    await Promise.all(this.#nodes.map((node) => this.#end(node, 'SIGKILL')))
    rmSync(this.#directory, { recursive: true, force: true, maxRetries: 3 })
  }

  async #end(node: NodeState, signal: NodeJS.Signals): Promise<void> {
    const { process: child } = node
    node.process = undefined
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const ended = new Promise((resolve) => { child.once('exit', resolve) })
    child.kill(signal)
    await ended
  }

  /**
   * Tokens of a node, spread evenly. Left to choose, a node that has not heard of all others yet may take the tokens of one of them,
   * and then cannot join.
   */
  #tokensOf(number: number): string {
    const first = this.#options.dataCenters?.length ?? 1
    const step = 2n ** 64n / BigInt(VNODES)
    return Array.from({ length: VNODES }, (_, vnode) => {
      // Nodes that join later come half-way between those that were there at first.
      const place = number < first ? (number + vnode) % first : number - first + 0.5
      return -(2n ** 63n) + step * BigInt(vnode) + BigInt(Math.round((Number(step) * place) / first)) + BigInt(number + 1)
    }).join(',')
  }

  #configure({ address, directory, dataCenter, rack, number }: NodeState): void {
    const { auth, tls, commitLog = 'periodic', yaml = '', version = '5.0.6' } = this.#options
    const conf = join(directory, 'conf')
    mkdirSync(conf, { recursive: true })
    const encryption = tls ? `
client_encryption_options:
  enabled: true
  optional: false
  keystore: ${this.#directory}/tls/server.p12
  keystore_password: cassandra
  store_type: PKCS12
  require_client_auth: ${tls === 'mutual'}
  truststore: ${this.#directory}/tls/trust.p12
  truststore_password: cassandra
` : ''
    writeFileSync(join(conf, 'cassandra.yaml'), `
cluster_name: cqlwire-test
num_tokens: ${VNODES}
initial_token: ${this.#tokensOf(number)}
partitioner: org.apache.cassandra.dht.Murmur3Partitioner
authenticator: ${auth ? 'PasswordAuthenticator' : 'AllowAllAuthenticator'}
authorizer: ${auth ? 'CassandraAuthorizer' : 'AllowAllAuthorizer'}
role_manager: CassandraRoleManager
roles_validity: 100ms
permissions_validity: 100ms
hinted_handoff_enabled: true
data_file_directories: [ ${directory}/data ]
commitlog_directory: ${directory}/commitlog
hints_directory: ${directory}/hints
saved_caches_directory: ${directory}/saved_caches
cdc_raw_directory: ${directory}/cdc_raw
${commitLog === 'batch' ? 'commitlog_sync: batch' : 'commitlog_sync: periodic\ncommitlog_sync_period: 10000ms'}
commitlog_segment_size: 8MiB
memtable_heap_space: 64MiB
memtable_offheap_space: 64MiB
file_cache_size: 32MiB
key_cache_size: 8MiB
seed_provider: [ { class_name: org.apache.cassandra.locator.SimpleSeedProvider, parameters: [ { seeds: "${this.#options.network}.1:7000" } ] } ]
listen_address: ${address}
rpc_address: ${address}
native_transport_port: 9042
storage_port: 7000
endpoint_snitch: GossipingPropertyFileSnitch
concurrent_reads: 8
concurrent_writes: 8
native_transport_max_threads: 128
native_transport_max_frame_size: 64MiB
user_defined_functions_enabled: true
materialized_views_enabled: true
auto_snapshot: false
read_request_timeout: 10s
write_request_timeout: 10s
range_request_timeout: 20s
request_timeout: 20s
${version.startsWith('5') ? 'dynamic_data_masking_enabled: true' : ''}${encryption}
${yaml}
`)
    writeFileSync(join(conf, 'cassandra-rackdc.properties'), `dc=${dataCenter}\nrack=${rack}\n`)
    writeFileSync(join(conf, 'logback.xml'), '<configuration><appender name="S" class="ch.qos.logback.core.ConsoleAppender"><encoder><pattern>%-5level %date{HH:mm:ss,SSS} %logger{0} %msg%n</pattern></encoder></appender><root level="INFO"><appender-ref ref="S"/></root></configuration>')
  }

  async #launch(node: NodeState): Promise<void> {
    const { directory, jmxPort } = node
    const heap = `${this.#options.heapMb ?? 512}m`
    const agent = readdirSync(this.#libraries).find((name) => name.startsWith('jamm-'))
    const log = join(directory, 'log')
    const output = openSync(log, 'w')
    const child = spawn('java', [
      `-Xms${heap}`, `-Xmx${heap}`, '-XX:+UseG1GC', ...(this.#options.surviveOutOfMemory ? [] : ['-XX:+ExitOnOutOfMemoryError']), '-Xss384k', '-Djdk.attach.allowAttachSelf=true', ...MODULES, `-javaagent:${join(this.#libraries, agent!)}`,
      `-Dcassandra.config=file://${directory}/conf/cassandra.yaml`, '-Dcassandra-foreground=yes', `-Dcassandra.storagedir=${directory}`, `-Dcassandra.logdir=${directory}`,
      `-Dlogback.configurationFile=file://${directory}/conf/logback.xml`, `-Dcassandra.jmx.local.port=${jmxPort}`, '-Dcassandra.skip_wait_for_gossip_to_settle=0',
      '-Dcassandra.ring_delay_ms=3000',
      // Follows the ring delay unless set: a node that takes longer to join would be taken out of gossip again, and miss schema changes.
      '-Dcassandra.gossip_quarantine_delay_ms=20000', '-Dcassandra.superuser_setup_delay_ms=0', '-Dcassandra.consistent.rangemovement=false',
      '-cp', `${directory}/conf:${this.#libraries}/*`, 'org.apache.cassandra.service.CassandraDaemon',
    ], { stdio: ['ignore', output, output] })
    closeSync(output)
    node.process = child
    running.add(child)
    child.once('exit', () => running.delete(child))
    const started = Date.now()
    while (Date.now() - started < 120_000) {
      const text = readFileSync(log, 'utf8')
      const ready = text.includes('Starting listening for CQL') && (!this.#options.auth || this.#nodes.length > 1 || /Created default superuser role/.test(text) || existsSync(join(directory, 'ready')))
      // The line is written before the port is bound.
      if (ready && (await accepts(node.address, 9042))) {
        writeFileSync(join(directory, 'ready'), '')
        return
      }
      if (child.exitCode !== null) throw new Error(`Cassandra ended while it was starting:\n${text.split('\n').filter((line) => /^(ERROR|WARN|Caused|Exception|java\.|org\.)/.test(line)).slice(-20).join('\n')}`)
      await sleep(250)
    }
    throw new Error(`Cassandra did not come up in two minutes:\n${readFileSync(log, 'utf8').slice(-3000)}`)
  }

  async #makeCertificates(): Promise<void> {
    const directory = join(this.#directory, 'tls')
    mkdirSync(directory, { recursive: true })
    const openssl = (...args: readonly string[]): Promise<unknown> => run('openssl', args, { cwd: directory })
    await openssl('req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '30', '-subj', '/CN=cqlwire-test-ca', '-keyout', 'ca.key', '-out', 'ca.pem')
    const addresses = Array.from({ length: 6 }, (_, i) => `IP:${this.#options.network}.${i + 1}`)
    writeFileSync(join(directory, 'names'), `subjectAltName=DNS:cassandra.test,${addresses.join(',')}\n`)
    for (const who of ['server', 'client']) {
      await openssl('req', '-newkey', 'rsa:2048', '-nodes', '-subj', `/CN=${who}`, '-keyout', `${who}.key`, '-out', `${who}.csr`)
      await openssl('x509', '-req', '-days', '30', '-in', `${who}.csr`, '-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-extfile', 'names', '-out', `${who}.pem`)
    }
    await openssl('pkcs12', '-export', '-name', 'server', '-in', 'server.pem', '-inkey', 'server.key', '-passout', 'pass:cassandra', '-out', 'server.p12')
    await run('keytool', ['-importcert', '-noprompt', '-alias', 'ca', '-file', 'ca.pem', '-keystore', 'trust.p12', '-storetype', 'PKCS12', '-storepass', 'cassandra'], { cwd: directory })
  }
}

/** Nodes must not outlive the tests. */
const running = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

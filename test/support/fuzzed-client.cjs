// npm cassandra-driver as a client to be fuzzed: `npx cqlwire fuzz --listen 0 -- node test/support/fuzzed-client.cjs`.
const { Client } = require('cassandra-driver')
const client = new Client({ contactPoints: [process.env.CQLWIRE_FUZZ_ADDRESS], localDataCenter: 'datacenter1', socketOptions: { connectTimeout: 1000, readTimeout: 500 } })
const run = async () => {
  for (let i = 0; i < 10; i++) await client.execute('SELECT key FROM system.local WHERE key = ?', ['local'], { prepare: true }).catch(() => {})
  await client.shutdown()
}
run().then(() => process.exit(0), () => process.exit(1))

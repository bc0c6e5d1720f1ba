import type { Core } from './core.js'
import type { ExecutionSettings } from './execution-settings.js'
import { PrepareExecution } from './executions.js'
import type { PreparedMessage } from '../protocol/index.js'
import { Prepared } from './prepared.js'
import { statementKey } from './shared-data.js'

/**
 * The prepared form of a statement: from the cache, from a preparation under way, or from a node.
 *
 * @param keyspace what unqualified names are looked up in
 */
export function prepareStatement(core: Core, query: string, settings: ExecutionSettings): Prepared | Promise<Prepared> {
  const { keyspace } = settings
  const known = core.prepared.get(keyspace, query) ?? preparedBefore(core, query, keyspace)
  if (known) return known
  const key = statementKey(keyspace, query)
  const underWay = core.preparing.get(key)
  if (underWay) return underWay
  // Nobody's signal or payload is in it: whoever asks for the same statement meanwhile shares the answer.
  const { signal: _signal, payload: _payload, ...shared } = settings
  const preparing = prepareAnywhere(core, query, { ...shared, tracing: false })
    .then((prepared) => {
      core.prepared.set(keyspace, query, prepared)
      return prepared
    })
    .finally(() => core.preparing.delete(key))
  core.preparing.set(key, preparing)
  return preparing
}

/** What another client has learned of a statement; a node that does not know it says so. */
function preparedBefore(core: Core, query: string, keyspace: string | undefined): Prepared | undefined {
  const message = core.shared?.prepared(keyspace, query)
  if (!message) return undefined
  const prepared = preparedOf(core, query, keyspace, message)
  core.prepared.set(keyspace, query, prepared)
  return prepared
}

function preparedOf(core: Core, query: string, keyspace: string | undefined, message: PreparedMessage): Prepared {
  const { shared } = core
  return new Prepared(query, keyspace, message, core.codecs, shared?.lwtMask ?? core.lwtMask, shared && ((learned) => shared.learnPrepared(keyspace, query, learned)))
}

async function prepareAnywhere(core: Core, query: string, settings: ExecutionSettings): Promise<Prepared> {
  if (!core.ready) await core.connect()
  const { keyspace } = settings
  const message = await new PrepareExecution(core, settings, { type: 'PREPARE', query, keyspace: core.version === 5 ? keyspace : undefined }).start()
  const prepared = preparedOf(core, query, keyspace, message)
  core.shared?.learnPrepared(keyspace, query, message)
  core.observers.emit('prepare', { query })
  return prepared
}

import { OptionError } from '../../base/index.js'

/** @throws what is not about a package that is missing */
function missing(error: unknown): undefined {
  if (!['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND'].includes((error as { code?: string }).code ?? '')) throw error
}

type PeerPath = 'apache-arrow' | 'csv-parse' | 'csv-parse/sync' | 'csv-stringify/sync' | 'hyparquet' | 'hyparquet-writer'

/** Each import stands in a `try` of its own: that is what tells bundlers that the package may be missing. */
const packages: Readonly<Record<PeerPath, () => Promise<unknown>>> = {
  'apache-arrow': async () => { try { return await import('apache-arrow') } catch (error) { return missing(error) } },
  'csv-parse': async () => { try { return await import('csv-parse') } catch (error) { return missing(error) } },
  'csv-parse/sync': async () => { try { return await import('csv-parse/sync') } catch (error) { return missing(error) } },
  'csv-stringify/sync': async () => { try { return await import('csv-stringify/sync') } catch (error) { return missing(error) } },
  hyparquet: async () => { try { return await import('hyparquet') } catch (error) { return missing(error) } },
  'hyparquet-writer': async () => { try { return await import('hyparquet-writer') } catch (error) { return missing(error) } },
}

/** Loads a package that is not installed with this one. @throws OptionError saying what to install */
export async function peer<T>(path: PeerPath): Promise<T> {
  const found = await packages[path]()
  if (found !== undefined) return found as T
  const [name] = path.split('/')
  throw new OptionError('format', `This format needs the package '${name}': npm install ${name}`)
}

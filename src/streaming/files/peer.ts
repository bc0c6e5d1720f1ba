import { OptionError } from '../../base/index.js'

/** Loads a package that is not installed with this one. @throws OptionError saying what to install */
export async function peer<T>(load: () => Promise<unknown>, name: string): Promise<T> {
  try {
    return (await load()) as T
  } catch (error) {
    if ((error as { code?: string }).code !== 'ERR_MODULE_NOT_FOUND') throw error
    throw new OptionError('format', `This format needs the package '${name}': npm install ${name}`)
  }
}

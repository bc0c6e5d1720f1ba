import { OptionError } from '../../base/index.js'

/** Where a server listens. @throws OptionError for any other machine: this breaks what it is pointed at */
export function loopbackTarget(target: string): { readonly host: string; readonly port: number } {
  const match = /^(127(?:\.\d{1,3}){3}|localhost|\[::1\]):(\d{1,5})$/.exec(target)
  if (!match) throw new OptionError('target', `'${target}' is no address of this machine: fuzzing may break what it is pointed at, so it must be 127.x.x.x:PORT, localhost:PORT or [::1]:PORT`)
  return { host: match[1]!.replace(/^\[|\]$/g, ''), port: Number(match[2]) }
}

// Folders of Node, Bun and Deno.
import { closeSync, fsyncSync, ftruncateSync, mkdirSync, openSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import type { Folder } from './folder.js'

/**
 * Opens a folder, made when it is not there.
 *
 * @throws Error when another process has it open
 */
export function openFolder(path: string): Folder {
  mkdirSync(path, { recursive: true })
  const lock = join(path, 'lock')
  takeLock(path, lock)
  return {
    list: () => readdirSync(path).filter((name) => name !== 'lock'),
    read: (name) => readFileSync(join(path, name)),
    append(name) {
      const file = openSync(join(path, name), 'a')
      return {
        write(bytes) {
          for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at)
        },
        sync: () => fsyncSync(file),
        truncate: (length) => ftruncateSync(file, length),
        close: () => closeSync(file),
      }
    },
    rename: (from, to) => renameSync(join(path, from), join(path, to)),
    remove: (name) => rmSync(join(path, name), { force: true }),
    close: () => rmSync(lock, { force: true }),
  }
}

/** The lock is a file with the number of the process that has it: one that is no more has it no more. */
function takeLock(path: string, lock: string): void {
  for (;;) {
    try {
      writeFileSync(lock, String(process.pid), { flag: 'wx' })
      return
    } catch (error) {
      if ((error as { code?: string }).code !== 'EEXIST') throw error
      const owner = Number(readFileSync(lock, 'utf8'))
      if (owner === process.pid) throw new Error(`${path} is in use by this process`, { cause: error })
      if (isRunning(owner)) throw new Error(`${path} is in use by process ${owner}`, { cause: error })
      rmSync(lock, { force: true })
    }
  }
}

function isRunning(pid: number): boolean {
  if (!(pid > 0)) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as { code?: string }).code === 'EPERM'
  }
}

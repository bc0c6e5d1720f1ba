import process from 'node:process'

/**
 * Explains a command when that was asked for, or when its arguments are missing, which is a mistake.
 *
 * @returns whether it did, so that there is nothing else to do
 */
export function explains(help: string, asked: boolean | undefined, isComplete: boolean): boolean {
  if (asked !== true && isComplete) return false
  process.stdout.write(help)
  if (asked !== true) process.exitCode = 2
  return true
}

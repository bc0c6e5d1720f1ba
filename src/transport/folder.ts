/** A folder of one process, which has it to itself while it is open. Calls do what they say before they return. */
export interface Folder {
  /** Names of files, in no order. */
  list(): string[]
  /** All bytes of a file. */
  read(name: string): Uint8Array
  /** Opens a file to write at its end; it is made when it is not there. */
  append(name: string): AppendFile
  /** Gives a file another name, in the place of one that has it. */
  rename(from: string, to: string): void
  remove(name: string): void
  /** Lets others have it. */
  close(): void
}

/** A file that is written at its end. */
export interface AppendFile {
  write(bytes: Uint8Array): void
  /** Returns when all that was written is on the disk. */
  sync(): void
  /** Cuts off what comes after so many bytes. */
  truncate(length: number): void
  close(): void
}

/**
 * The bytes that a partition key is hashed as: those of its one part, or of each part its length, itself and a zero.
 *
 * @returns undefined when a part has more than 65,535 bytes, which no server takes
 * @see Cassandra's `org.apache.cassandra.db.marshal.CompositeType`
 */
export function routingKeyOf(parts: readonly Uint8Array[]): Uint8Array | undefined {
  if (parts.length === 1) return parts[0]
  const key = new Uint8Array(parts.reduce((sum, part) => sum + part.length + 3, 0))
  let at = 0
  for (const part of parts) {
    if (part.length > 0xffff) return undefined
    key[at] = part.length >>> 8
    key[at + 1] = part.length & 0xff
    key.set(part, at + 2)
    at += part.length + 3
  }
  return key
}

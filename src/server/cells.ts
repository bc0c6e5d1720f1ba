import { ByteWriter } from '../base/index.js'

/** Bytes of a collection (with a count in front), tuple or UDT. */
export function cells(items: readonly (Uint8Array | null)[], counted: boolean, count: number = items.length): Uint8Array {
  const writer = new ByteWriter(64)
  if (counted) writer.i32(count)
  for (const item of items) {
    writer.i32(item?.length ?? -1)
    if (item) writer.raw(item)
  }
  return writer.toBytes()
}

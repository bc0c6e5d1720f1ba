/** Where a node listens for clients. */
export interface ReachableAddress {
  readonly address: string
  readonly port: number
}

/**
 * Turns the address that a node announces into the one to reach it at, for clusters behind address translation.
 *
 * @param announced as the system tables have it
 * @param node identifies the node
 */
export type AddressTranslator = (announced: ReachableAddress, node: { readonly hostId: string; readonly dataCenter: string; readonly rack: string }) => ReachableAddress

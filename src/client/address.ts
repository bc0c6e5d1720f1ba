/** `host:port` as errors and statistics show it. */
export function addressOf(node: { readonly address: string; readonly port: number }): string {
  return `${node.address.includes(':') ? `[${node.address}]` : node.address}:${node.port}`
}

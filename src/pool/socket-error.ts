/** A socket's error as people say it, with the platform's code. */
export function describeSocketError(error: Error): string {
  const code = (error as { code?: string }).code
  const known: Readonly<Record<string, string>> = {
    ECONNREFUSED: 'connection refused', ENOTFOUND: 'unknown host', EAI_AGAIN: 'the name could not be resolved', ECONNRESET: 'connection reset by the peer',
    ETIMEDOUT: 'timed out', EHOSTUNREACH: 'host unreachable', ENETUNREACH: 'network unreachable', EPIPE: 'connection closed by the peer',
    SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is signed by an authority that is not trusted: give it as tls.ca', DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is self-signed: give it as tls.ca',
    UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate cannot be verified: give the authority as tls.ca', UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its certificate cannot be verified: give the authority as tls.ca',
    CERT_HAS_EXPIRED: 'its certificate has expired', ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name: give that name as tls.serverName',
  }
  const text = code === undefined ? undefined : known[code]
  if (text === undefined) return error.message === '' ? (code ?? 'unknown error') : error.message
  return `${text} (${code})`
}

import { OptionError } from '../base/index.js'

/** One authentication of one connection: a SASL-like exchange of tokens. */
export interface Authenticator {
  /** What to send first. */
  initialResponse(): Uint8Array | null | Promise<Uint8Array | null>
  /** Answers a challenge. Without it any challenge is an error. */
  evaluateChallenge?(challenge: Uint8Array | null): Uint8Array | null | Promise<Uint8Array | null>
  /** Called with the server's last token. */
  onSuccess?(token: Uint8Array | null): void
}

/** Makes an authenticator for each connection. */
export interface AuthProvider {
  /**
   * Begins the authentication of one connection.
   *
   * @param authenticator the Java class that the server says it uses
   */
  authenticator(node: { readonly address: string; readonly port: number }, authenticator: string): Authenticator
}

/** A user name and a password. */
export interface Credentials {
  readonly username: string
  readonly password: string
}

/** How to authenticate; a function is asked again at each connection, so that secrets may change. */
export type AuthOption = Credentials | AuthProvider | (() => Credentials | AuthProvider | Promise<Credentials | AuthProvider>)

/** User name and password, as PasswordAuthenticator wants them (SASL PLAIN, RFC 4616). */
export function plainAuth(credentials: Credentials): AuthProvider {
  const { username, password } = credentials
  if (typeof username !== 'string' || typeof password !== 'string') throw new OptionError('auth', "Option 'auth' needs a username and a password, both strings")
  return {
    authenticator: () => ({
      initialResponse: () => new TextEncoder().encode(`\0${username}\0${password}`),
    }),
  }
}

/** The provider that an option stands for at this moment. */
export async function authProviderOf(option: AuthOption): Promise<AuthProvider> {
  const value = typeof option === 'function' ? await option() : option
  return 'authenticator' in value ? value : plainAuth(value)
}

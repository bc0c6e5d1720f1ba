/** How names of properties become names of columns. */
export type NamingStrategy = 'snake_case' | 'as_is' | ((property: string) => string)

/** `firstName` as `first_name`; what is no camel case stays as it is. */
export function snakeCase(property: string): string {
  return property.replace(/([a-z0-9])([A-Z])/g, '$1_$2').replace(/([A-Z])([A-Z][a-z])/g, '$1_$2').toLowerCase()
}

/** The strategy as a function. */
export function namingOf(strategy: NamingStrategy): (property: string) => string {
  return typeof strategy === 'function' ? strategy : strategy === 'snake_case' ? snakeCase : (property) => property
}

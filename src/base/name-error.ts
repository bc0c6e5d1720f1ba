/** Gives an error class its name on the prototype, so that stacks show it and no instance carries a copy. */
export function nameError(constructor: { prototype: object }, name: string): void {
  Object.defineProperty(constructor.prototype, 'name', { value: name, configurable: true, writable: true })
}

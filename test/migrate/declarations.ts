// What pulled source imports, from the source of this project.
import { int, text, udt } from '../../src/orm/index.js'

export * from '../../src/orm/index.js'
export const frozenAddress = () => udt('address', { street: text(), 'house number': int() })().frozen()

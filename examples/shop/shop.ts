// What the shop does. `main.ts` runs it.
import { Decimal, timeuuid, uuid } from 'cqlwire'
import type { Client } from 'cqlwire'
import { orm } from 'cqlwire/orm'
import { orders, products, relations, tables, views } from './schema.js'

export class Shop {
  readonly db
  constructor(client: Client) {
    this.db = orm(client, tables, { relations })
  }

  async register(name: string, email: string): Promise<string> {
    const id = uuid.v4()
    await this.db.customers.create({ id, name, email })
    return id
  }

  async stock(category: string, name: string, price: string, stock: number): Promise<string> {
    const id = uuid.v4()
    await this.db.products.create({ category, id, name, price, stock })
    return id
  }

  /** Counts a look at a product. */
  async look(product: string, day: string): Promise<void> {
    await this.db.views.update({ product, day }, { count: { $increment: 1 } })
  }

  /**
   * Takes products out of stock and writes the order. Stock is taken by lightweight transactions: two customers never get the last piece.
   *
   * @returns the order's id, or undefined when something is sold out
   */
  async order(customer: string, category: string, basket: ReadonlyMap<string, number>): Promise<string | undefined> {
    const found = await this.db.products.findMany([...basket.keys()].map((id) => ({ category, id })))
    const taken: [id: string, quantity: number][] = []
    for (const [id, quantity] of basket) {
      if (!(await this.#take(category, id, quantity))) {
        for (const [back, many] of taken) await this.#take(category, back, -many)
        return undefined
      }
      taken.push([id, quantity])
    }
    const lines = found.map((product) => ({ product: product!.id, name: product!.name, quantity: basket.get(product!.id)!, price: product!.price }))
    const total = lines.reduce((sum, { price, quantity }) => sum.add(price.multiply(quantity)), Decimal.from(0))
    const id = timeuuid.now()
    await this.db.orders.create({ customer, id, lines, total })
    return id
  }

  async #take(category: string, id: string, quantity: number): Promise<boolean> {
    for (;;) {
      const product = await this.db.products.findOne({ category, id }, { consistency: 'localQuorum' })
      if (!product || (product.stock ?? 0) < quantity) return false
      const { status } = await this.db.products.updateIf({ category, id }, { stock: product.stock! - quantity }, { stock: product.stock })
      if (status === 'applied') return true
      if (status === 'unknown') throw new Error('Whether the stock was taken is not known')
    }
  }

  /** A customer with the latest orders. */
  account(id: string) {
    return this.db.customers.findOne({ id }, { with: { orders: { limit: 10 } } })
  }

  /** The first products of a category, with how often each was looked at on its last days. */
  catalogue(category: string) {
    return this.db.products.find({ category }, { limit: 20, with: { views: { limit: 7 } } })
  }

  /** All orders of a customer in a state: in no key, so that Cassandra reads the customer's other orders, too. */
  ordersIn(customer: string, state: 'new' | 'paid' | 'sent') {
    return this.db.select(orders).allowFiltering().where({ customer, state }).columns('id', 'total')
  }

  /** Pays an order, once. */
  async pay(customer: string, id: string): Promise<boolean> {
    return (await this.db.orders.updateIf({ customer, id }, { state: 'paid' }, { state: 'new' })).status === 'applied'
  }

  /** A product and what was counted of it go together. */
  async discontinue(category: string, id: string): Promise<void> {
    await this.db.delete(products).where({ category, id })
    await this.db.delete(views).where({ product: id })
  }
}

// A small shop: customers, products by category, orders by customer, and how often a product was looked at.
import { between, counter, decimal, email, hasMany, hasOne, int, lengthBetween, list, oneOf, set, table, text, timestamp, timeuuid, udt, uuid } from 'cqlwire/orm'

const line = udt('line', { product: uuid(), name: text(), quantity: int(), price: decimal() })

export const customers = table('customers', {
  id: uuid().partitionKey(),
  email: text().required().check(email()),
  name: text().required().check(lengthBetween(1, 80)),
  createdAt: timestamp().default(() => new Date()),
})

export const products = table('products', {
  category: text().partitionKey(),
  id: uuid().clusteringKey(),
  name: text().required(),
  price: decimal().required(),
  tags: set(text()),
  stock: int().default(0).check(between(0, 1_000_000)),
})

export const orders = table('orders', {
  customer: uuid().partitionKey(),
  id: timeuuid().clusteringKey('desc'),
  state: text().default('new').check(oneOf('new', 'paid', 'sent')),
  lines: list(line()),
  total: decimal().required(),
})

export const views = table('views', { product: uuid().partitionKey(), day: text().clusteringKey('desc'), count: counter() })

export const tables = { customers, products, orders, views }
export const relations = {
  customers: { orders: hasMany('orders', { customer: 'id' }) },
  orders: { buyer: hasOne('customers', { id: 'customer' }) },
  products: { views: hasMany('views', { product: 'id' }) },
} as const

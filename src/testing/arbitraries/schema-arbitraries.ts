import { replicationOf } from '../../cluster/index.js'
import type { ColumnMetadata, KeyspaceMetadata, TableMetadata } from '../../cluster/index.js'
import { freezeType } from '../../codecs/index.js'
import type { CqlType, UdtType } from '../../codecs/index.js'
import type { Arbitrary, Draws, FastCheck } from './fast-check.js'
import type { TypeArbitraries } from './type-arbitraries.js'

/** Arbitraries of schemas. */
export interface SchemaArbitraries {
  /**
   * A keyspace of one to three tables, with keys, clustering orders, static columns, collections and user-defined types.
   * `keyspaceToCql` makes the statements that create it.
   *
   * @param name of the keyspace
   */
  keyspace(name: string): Arbitrary<KeyspaceMetadata>
}

const REPLICATION = { class: 'org.apache.cassandra.locator.SimpleStrategy', replication_factor: '1' }

/** Types that Cassandra takes as part of a primary key. */
function fitsKey(type: CqlType): boolean {
  return type.kind !== 'duration' && type.kind !== 'counter' && type.kind !== 'custom'
}

/** Makes {@link SchemaArbitraries}. */
export function schemaArbitraries(fc: FastCheck, { name }: Draws, { scalarType, type }: TypeArbitraries): SchemaArbitraries {
  const keyType = scalarType.filter(fitsKey)
  const cellType = (types: readonly UdtType[]): Arbitrary<CqlType> => {
    const scalars = fc.oneof(scalarType, ...(types.length > 0 ? [fc.constantFrom(...types).map(freezeType)] : []))
    return fc.oneof(scalars, withoutUdt(scalars), withoutUdt(scalars).map(freezeType))
  }
  /** Collections, tuples and vectors of scalars; durations cannot be ordered, so not as keys. */
  const withoutUdt = (scalars: Arbitrary<CqlType>): Arbitrary<CqlType> => fc.oneof(
    scalars.map((element): CqlType => ({ kind: 'list', element })),
    keyType.map((element): CqlType => ({ kind: 'set', element })),
    fc.tuple(keyType, scalars).map(([key, value]): CqlType => ({ kind: 'map', key, value })),
    fc.array(scalars, { minLength: 1, maxLength: 3 }).map((elements): CqlType => ({ kind: 'tuple', elements })),
    fc.tuple(scalarType, fc.integer({ min: 1, max: 4 })).map(([element, dimension]): CqlType => ({ kind: 'vector', element, dimension })),
  )
  const uniqueNames = (minLength: number, maxLength: number): Arbitrary<string[]> => fc.uniqueArray(name, { minLength, maxLength })

  const table = (keyspace: string, tableName: string, types: readonly UdtType[]): Arbitrary<TableMetadata> =>
    fc.tuple(uniqueNames(2, 8), fc.integer({ min: 1, max: 2 }), fc.nat(2), fc.nat(1), fc.array(fc.tuple(keyType, cellType(types), fc.constantFrom('asc' as const, 'desc' as const)), { minLength: 8, maxLength: 8 }))
      .map(([names, partition, clustering, statics, shapes]) => {
        const kindOf = (i: number): ColumnMetadata['kind'] =>
          i < partition ? 'partitionKey' : i < partition + clustering ? 'clustering' : clustering > 0 && i < partition + clustering + statics ? 'static' : 'regular'
        const columns = names.map((column, i): ColumnMetadata => {
          const kind = kindOf(i)
          const [key, cell, order] = shapes[i]!
          const inKey = kind === 'partitionKey' || kind === 'clustering'
          return { name: column, type: inKey ? key : cell, kind, position: kind === 'partitionKey' ? i : kind === 'clustering' ? i - partition : -1, order: kind === 'clustering' ? order : undefined, mask: undefined }
        })
        return {
          keyspace, name: tableName, id: undefined, columns: new Map(columns.map((column) => [column.name, column])), options: {}, indexes: new Map(),
          partitionKey: columns.filter((column) => column.kind === 'partitionKey'), clusteringKey: columns.filter((column) => column.kind === 'clustering'),
          isCounter: false, isCompact: false, isVirtual: false, partitioner: undefined,
        }
      })

  const userType = (keyspace: string, typeName: string): Arbitrary<UdtType> =>
    fc.tuple(uniqueNames(1, 4), fc.array(type(0), { minLength: 4, maxLength: 4 })).map(([fields, fieldTypes]) => ({ kind: 'udt', keyspace, name: typeName, fields: fields.map((field, i) => ({ name: field, type: fieldTypes[i]! })) }))

  return {
    keyspace: (keyspace) => uniqueNames(0, 2).chain((typeNames) => fc.tuple(...typeNames.map((typeName) => userType(keyspace, typeName)))).chain((types) =>
      uniqueNames(1, 3).chain((tableNames) => fc.tuple(...tableNames.map((tableName) => table(keyspace, tableName, types)))).map((tables): KeyspaceMetadata => ({
        name: keyspace, durableWrites: true, replication: REPLICATION, placement: replicationOf(REPLICATION), isVirtual: false, types: new Map(types.map((each) => [each.name, each])),
        tables: new Map(tables.map((each) => [each.name, each])), views: new Map(), functions: new Map(), aggregates: new Map(),
      }))),
  }
}

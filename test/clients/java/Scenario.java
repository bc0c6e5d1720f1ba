import static com.datastax.oss.driver.api.querybuilder.QueryBuilder.bindMarker;
import static com.datastax.oss.driver.api.querybuilder.QueryBuilder.insertInto;
import static com.datastax.oss.driver.api.querybuilder.QueryBuilder.literal;
import static com.datastax.oss.driver.api.querybuilder.QueryBuilder.selectFrom;
import static com.datastax.oss.driver.api.querybuilder.QueryBuilder.update;
import static com.datastax.oss.driver.api.querybuilder.SchemaBuilder.createIndex;
import static com.datastax.oss.driver.api.querybuilder.SchemaBuilder.createMaterializedView;
import static com.datastax.oss.driver.api.querybuilder.SchemaBuilder.createTable;
import static com.datastax.oss.driver.api.querybuilder.SchemaBuilder.createType;
import static com.datastax.oss.driver.api.querybuilder.SchemaBuilder.udt;

import com.datastax.oss.driver.api.core.ConsistencyLevel;
import com.datastax.oss.driver.api.core.CqlIdentifier;
import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.config.DefaultDriverOption;
import com.datastax.oss.driver.api.core.config.DriverConfigLoader;
import com.datastax.oss.driver.api.core.cql.*;
import com.datastax.oss.driver.api.core.data.CqlDuration;
import com.datastax.oss.driver.api.core.data.CqlVector;
import com.datastax.oss.driver.api.core.data.TupleValue;
import com.datastax.oss.driver.api.core.data.UdtValue;
import com.datastax.oss.driver.api.core.metadata.schema.*;
import com.datastax.oss.driver.api.core.metadata.schema.ClusteringOrder;
import com.datastax.oss.driver.api.core.type.DataTypes;
import com.datastax.oss.driver.api.core.type.UserDefinedType;
import com.datastax.oss.driver.api.querybuilder.select.Selector;
import com.datastax.oss.protocol.internal.util.Bytes;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.*;
import java.util.*;
import java.util.concurrent.*;

/** The Java driver: `Scenario HOST PORT KEYSPACE` prints what it finds. */
public final class Scenario {
  private static void say(String name, Object value) {
    System.out.println(name + ": " + value);
  }

  private static void refused(String name, Runnable action) {
    try {
      action.run();
      say(name, "no error");
    } catch (RuntimeException error) {
      say(name, error.getClass().getSimpleName());
    }
  }

  private static String columns(ColumnDefinitions definitions) {
    List<String> found = new ArrayList<>();
    for (ColumnDefinition each : definitions) found.add(each.getTable() + "." + each.getName() + " " + each.getType());
    return found.toString();
  }

  public static void main(String[] args) throws Exception {
    String keyspace = args[2];
    DriverConfigLoader config = DriverConfigLoader.programmaticBuilder()
        .withDuration(DefaultDriverOption.REQUEST_TIMEOUT, Duration.ofSeconds(60))
        .withDuration(DefaultDriverOption.CONNECTION_INIT_QUERY_TIMEOUT, Duration.ofSeconds(30))
        .withDuration(DefaultDriverOption.CONTROL_CONNECTION_TIMEOUT, Duration.ofSeconds(30))
        .withDuration(DefaultDriverOption.METADATA_SCHEMA_REQUEST_TIMEOUT, Duration.ofSeconds(30))
        .withDuration(DefaultDriverOption.METADATA_SCHEMA_WINDOW, Duration.ofMillis(50))
        .withString(DefaultDriverOption.PROTOCOL_VERSION, "V5")
        .withString(DefaultDriverOption.PROTOCOL_COMPRESSION, "lz4")
        .build();
    try (CqlSession session = CqlSession.builder().addContactPoint(new InetSocketAddress(args[0], Integer.parseInt(args[1]))).withLocalDatacenter("dc1").withConfigLoader(config).build()) {
      session.execute("DROP KEYSPACE IF EXISTS " + keyspace);
      session.execute("CREATE KEYSPACE " + keyspace + " WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}");
      session.execute("USE " + keyspace);
      say("version", session.getContext().getProtocolVersion());
      session.execute(createType("address").withField("street", DataTypes.TEXT).withField("number", DataTypes.INT).withField("tags", DataTypes.frozenSetOf(DataTypes.TEXT)).build());
      session.execute(createTable("everything").withPartitionKey("id", DataTypes.UUID).withColumn("a", DataTypes.ASCII).withColumn("b", DataTypes.BIGINT).withColumn("c", DataTypes.BLOB).withColumn("d", DataTypes.BOOLEAN).withColumn("e", DataTypes.DATE)
          .withColumn("f", DataTypes.TIMESTAMP).withColumn("g", DataTypes.DECIMAL).withColumn("h", DataTypes.DOUBLE).withColumn("i", DataTypes.FLOAT).withColumn("j", DataTypes.INET).withColumn("k", DataTypes.INT).withColumn("l", DataTypes.listOf(DataTypes.INT))
          .withColumn("m", DataTypes.mapOf(DataTypes.TEXT, DataTypes.INT)).withColumn("n", DataTypes.setOf(DataTypes.TEXT)).withColumn("o", DataTypes.SMALLINT).withColumn("p", DataTypes.TEXT).withColumn("q", DataTypes.TIME).withColumn("r", DataTypes.TIMEUUID)
          .withColumn("s", DataTypes.TINYINT).withColumn("t", DataTypes.tupleOf(DataTypes.INT, DataTypes.TEXT)).withColumn("u", udt("address", true)).withColumn("v", DataTypes.VARINT).withColumn("w", DataTypes.DURATION).withColumn("x", udt("address", false))
          .withColumn("z", DataTypes.vectorOf(DataTypes.FLOAT, 3)).build());
      session.execute(createTable("events").withPartitionKey("place", DataTypes.TEXT).withPartitionKey("day", DataTypes.INT).withClusteringColumn("at", DataTypes.INT).withColumn("note", DataTypes.TEXT).withStaticColumn("owner", DataTypes.TEXT)
          .withColumn("size", DataTypes.INT).withClusteringOrder("at", ClusteringOrder.DESC).withComment("what happened").withGcGraceSeconds(3600).build());
      session.execute("CREATE TABLE hits (page text PRIMARY KEY, n counter)");
      session.execute(createIndex("by_size").onTable("events").andColumn("size").build());
      session.execute(createMaterializedView("by_at").asSelectFrom("events").columns("at", "place", "day", "size").whereColumn("place").isNotNull().whereColumn("day").isNotNull().whereColumn("at").isNotNull().withPartitionKey("at").withClusteringColumn("place").withClusteringColumn("day").build());
      session.checkSchemaAgreement();

      KeyspaceMetadata meta = session.refreshSchema().getKeyspace(keyspace).get();
      for (String name : List.of("events", "everything", "hits")) {
        TableMetadata table = meta.getTable(name).get();
        Map<String, String> found = new TreeMap<>();
        for (ColumnMetadata column : table.getColumns().values()) found.put(column.getName().toString(), column.getType() + (column.isStatic() ? " static" : ""));
        say(table.getName().toString(), found + " " + table.getPartitionKey() + " " + table.getClusteringColumns());
        for (IndexMetadata index : table.getIndexes().values()) say("index", index.getName() + " " + index.getKind() + " " + index.getTarget() + " " + index.getOptions());
      }
      say("description", meta.getTable("events").get().describe(true).replaceAll(keyspace, "ks"));
      for (ViewMetadata view : meta.getViews().values()) say("view", view.getName() + " of " + view.getBaseTable() + " " + view.includesAllColumns() + " " + view.getWhereClause() + " " + view.getPrimaryKey());
      for (UserDefinedType type : meta.getUserDefinedTypes().values()) say("type", type.getName() + " " + type.getFieldNames() + " " + type.getFieldTypes());
      say("replication", meta.getReplication());

      UserDefinedType address = meta.getUserDefinedType("address").get();
      UUID id = UUID.fromString("01020304-0506-4708-890a-0b0c0d0e0f10");
      PreparedStatement insert = session.prepare("INSERT INTO everything (id, a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, z) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
      say("variables", columns(insert.getVariableDefinitions()) + " " + insert.getPartitionKeyIndices());
      UdtValue home = address.newValue("Main", 1, Set.of("q"));
      session.execute(insert.bind(id, "ascii", 1L << 62, Bytes.fromHexString("0x00ff"), true, LocalDate.of(2024, 2, 29), Instant.parse("2024-02-29T12:34:56.789Z"), new BigDecimal("1.50"), 1.5, 0.25f, InetAddress.getByName("10.1.2.3"), -5, List.of(3, 1, 2), Map.of("x", 1),
          Set.of("b", "a"), (short) 300, "grün", LocalTime.of(1, 2, 3), UUID.fromString("13814000-1dd2-11b2-8080-808080808080"), (byte) -3, DataTypes.tupleOf(DataTypes.INT, DataTypes.TEXT).newValue(7, "seven"), home, BigInteger.ONE.shiftLeft(70), CqlDuration.newInstance(1, 2, 3),
          address.newValue("Side", null, null), CqlVector.newInstance(1f, 2.5f, -3f)));
      Row row = session.execute("SELECT * FROM everything WHERE id = ?", id).one();
      say("columns", columns(row.getColumnDefinitions()));
      say("row", row.getFormattedContents());
      TupleValue tuple = row.getTupleValue("t");
      say("values", tuple.getInt(0) + " " + tuple.getString(1) + " " + row.getUdtValue("u").getSet("tags", String.class) + " " + row.getVector("z", Float.class));
      session.execute("UPDATE everything SET l = l + ?, m['y'] = ?, n = n - ?, p = ?, x.street = ? WHERE id = ?", List.of(9), 2, Set.of("a"), null, "Third", id);
      say("changed", session.execute("SELECT l, m, n, p, x FROM everything").one().getFormattedContents());

      PreparedStatement event = session.prepare(insertInto("events").value("place", bindMarker()).value("day", bindMarker()).value("at", bindMarker()).value("note", bindMarker()).value("owner", literal("city")).value("size", bindMarker()).build());
      List<CompletableFuture<AsyncResultSet>> pending = new ArrayList<>();
      for (int at = 0; at < 100; at++) pending.add(session.executeAsync(event.bind("harbour", 1, at, String.valueOf(at), at % 5)).toCompletableFuture());
      for (CompletableFuture<AsyncResultSet> each : pending) each.get(60, TimeUnit.SECONDS);
      PreparedStatement select = session.prepare("SELECT at FROM events WHERE place = ? AND day = ? AND at > ?");
      int count = 0;
      int sum = 0;
      for (Row each : session.execute(select.boundStatementBuilder("harbour", 1, 10).setPageSize(7).build())) {
        count++;
        sum += each.getInt(0);
      }
      say("pages", count + " " + sum);
      ResultSet first = session.execute(select.boundStatementBuilder("harbour", 1, 60).setPageSize(10).build());
      PagingState state = first.getExecutionInfo().getSafePagingState();
      say("first page", first.getAvailableWithoutFetching() + " " + (state != null));
      say("second page", session.execute(select.bind("harbour", 1, 60).setPageSize(10).setPagingState(state)).one().getInt(0));
      ResultSet aggregates = session.execute(selectFrom("events").countAll().function("max", Selector.column("size")).as("most").function("avg", Selector.column("size")).whereColumn("place").isEqualTo(literal("harbour")).whereColumn("day").isEqualTo(literal(1)).build());
      say("aggregates", columns(aggregates.getColumnDefinitions()) + " " + aggregates.one().getFormattedContents());
      say("index", session.execute("SELECT count(*) FROM events WHERE size = 3").one().getLong(0));
      say("view row", session.execute("SELECT at, place, size FROM by_at WHERE at = 7").one().getFormattedContents());
      say("in", session.execute("SELECT count(*) FROM events WHERE place IN ? AND day = 1", List.of("harbour", "nowhere")).one().getLong(0));

      for (String note : List.of("one", "two")) {
        ResultSet result = session.execute(SimpleStatement.newInstance("INSERT INTO events (place, day, at, note) VALUES ('lwt', 1, 1, ?) IF NOT EXISTS", note).setSerialConsistencyLevel(ConsistencyLevel.LOCAL_SERIAL));
        say("lwt", result.wasApplied() + " " + columns(result.getColumnDefinitions()) + " " + result.one().getFormattedContents());
      }
      ResultSet condition = session.execute(update("events").setColumn("note", literal("two")).whereColumn("place").isEqualTo(literal("lwt")).whereColumn("day").isEqualTo(literal(1)).whereColumn("at").isEqualTo(literal(1)).ifColumn("note").isEqualTo(literal("three")).build());
      say("condition", condition.wasApplied() + " " + condition.one().getFormattedContents());
      session.execute(BatchStatement.newInstance(DefaultBatchType.LOGGED, SimpleStatement.newInstance("UPDATE events SET note = ? WHERE place = ? AND day = ? AND at = ?", "both", "lwt", 1, 1), event.bind("lwt", 1, 2, "new", 0)));
      for (Row each : session.execute("SELECT at, note, owner FROM events WHERE place = 'lwt' AND day = 1")) say("batch", each.getFormattedContents());
      session.execute(BatchStatement.newInstance(DefaultBatchType.COUNTER, SimpleStatement.newInstance("UPDATE hits SET n = n + 5 WHERE page = '/'"), SimpleStatement.newInstance("UPDATE hits SET n = n - 2 WHERE page = '/'")));
      say("counter", session.execute("SELECT n FROM hits").one().getLong(0));
      session.execute(SimpleStatement.newInstance("INSERT INTO events (place, day, at, note) VALUES ('ttl', 1, 1, 'x') USING TTL 1000").setQueryTimestamp(1234).setConsistencyLevel(ConsistencyLevel.ONE));
      Row dated = session.execute("SELECT ttl(note), writetime(note) FROM events WHERE place = 'ttl' AND day = 1").one();
      say("ttl", (dated.getInt(0) > 900 && dated.getInt(0) <= 1000) + " " + dated.getLong(1));
      session.execute(event.bind("unset", 1, 1, null, null).unset(3));
      session.execute(SimpleStatement.builder("INSERT INTO events (place, day, at, note) VALUES (:place, :day, :at, :note)").addNamedValue("place", "named").addNamedValue("day", 1).addNamedValue("at", 1).addNamedValue("note", "by name").build());
      say("named", session.execute("SELECT note FROM events WHERE place = 'named' AND day = 1").one().getString(0));
      say("json", session.execute("SELECT JSON at, note FROM events WHERE place = 'named' AND day = 1").one().getString(0));
      session.execute("INSERT INTO events JSON ?", "{\"place\": \"json\", \"day\": 1, \"at\": 5, \"size\": null}");
      say("token", session.execute("SELECT token(place, day), now() FROM events WHERE place = 'json' AND day = 1").one().getLong(0));
      say("keyspace of the request", session.execute(SimpleStatement.newInstance("SELECT count(*) FROM hits").setKeyspace(CqlIdentifier.fromCql(keyspace))).one().getLong(0));

      refused("syntax", () -> session.execute("SELEKT 1"));
      refused("unknown", () -> session.execute("SELECT nothing FROM events"));
      refused("no table", () -> session.execute("SELECT * FROM nowhere"));
      refused("exists", () -> session.execute("CREATE TABLE events (a int PRIMARY KEY)"));
      refused("filtering", () -> session.execute("SELECT * FROM events WHERE note = 'x'"));
      refused("config", () -> session.execute("CREATE KEYSPACE x WITH replication = {'class': 'NoStrategy'}"));
      refused("system", () -> session.execute("DROP TABLE system.local"));
      refused("replicas", () -> session.execute(SimpleStatement.newInstance("SELECT * FROM hits").setConsistencyLevel(ConsistencyLevel.THREE)));
      ExecutionInfo traced = session.execute(SimpleStatement.newInstance("SELECT at FROM events LIMIT 1").setTracing(true)).getExecutionInfo();
      QueryTrace trace = traced.getQueryTrace();
      say("trace", trace.getRequestType() + " " + !trace.getEvents().isEmpty());
      PreparedStatement all = session.prepare("SELECT * FROM events WHERE place = 'lwt' AND day = 1 AND at = 1");
      say("before ALTER", columns(session.execute(all.bind()).getColumnDefinitions()));
      session.execute("ALTER TABLE events ADD extra map<text, int>");
      say("after ALTER", columns(session.execute(all.bind()).getColumnDefinitions()));
      session.execute("TRUNCATE events");
      say("truncated", session.execute("SELECT count(*) FROM events").one().getLong(0));
      session.execute("DROP KEYSPACE " + keyspace);
      say("gone", session.refreshSchema().getKeyspace(keyspace).isPresent());
    }
  }
}

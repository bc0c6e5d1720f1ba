//! The `scylla` crate: `scenario HOST PORT KEYSPACE` prints what it finds.
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::ops::ControlFlow;
use std::time::Duration;

use bigdecimal_04::BigDecimal;
use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use futures::TryStreamExt;
use num_bigint_04::BigInt;
use scylla::client::session::Session;
use scylla::client::session_builder::SessionBuilder;
use scylla::client::Compression;
use scylla::errors::{DbError, ExecutionError, RequestAttemptError};
use scylla::response::{PagingState, PagingStateResponse};
use scylla::statement::batch::{Batch, BatchType};
use scylla::statement::{Consistency, SerialConsistency, Statement};
use scylla::value::{Counter, CqlDuration, CqlTimeuuid, CqlVarint, Row};
use scylla::{DeserializeRow, DeserializeValue, SerializeRow, SerializeValue};

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

#[derive(Debug, Clone, PartialEq, DeserializeValue, SerializeValue)]
struct Address {
    street: Option<String>,
    number: Option<i32>,
    tags: Option<BTreeSet<String>>,
}

#[derive(Debug, PartialEq, DeserializeRow, SerializeRow)]
struct Everything {
    id: uuid::Uuid,
    a: String,
    b: i64,
    c: Vec<u8>,
    d: bool,
    e: NaiveDate,
    f: DateTime<Utc>,
    g: BigDecimal,
    h: f64,
    i: f32,
    j: IpAddr,
    k: i32,
    l: Vec<i32>,
    m: BTreeMap<String, i32>,
    n: BTreeSet<String>,
    o: i16,
    p: String,
    q: NaiveTime,
    r: CqlTimeuuid,
    s: i8,
    t: (i32, String),
    u: Address,
    v: BigInt,
    w: CqlDuration,
    x: Address,
    y: BTreeMap<String, Vec<i32>>,
    z: Vec<f32>,
}

/// The kind of an error that the server has sent.
fn refused<T>(name: &str, result: std::result::Result<T, ExecutionError>) {
    match result {
        Ok(_) => println!("{name}: no error"),
        Err(ExecutionError::LastAttemptError(RequestAttemptError::DbError(error, _))) => match error {
            DbError::AlreadyExists { keyspace, table } => println!("{name}: exists {keyspace} {table}"),
            other => println!("{name}: {:#x}", other.code(&Default::default())),
        },
        Err(ExecutionError::PrepareError(_)) => println!("{name}: not prepared"),
        Err(other) => println!("{name}: {other:?}"),
    }
}

async fn connect(address: &str) -> Result<Session> {
    Ok(SessionBuilder::new()
        .known_node(address)
        .compression(Some(Compression::Lz4))
        .connection_timeout(Duration::from_secs(30))
        .schema_agreement_timeout(Duration::from_secs(60))
        .build()
        .await?)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let args: Vec<String> = std::env::args().collect();
    let (address, keyspace) = (format!("{}:{}", args[1], args[2]), &args[3]);
    let session = connect(&address).await?;
    session.query_unpaged(format!("DROP KEYSPACE IF EXISTS {keyspace}"), ()).await?;
    session.query_unpaged(format!("CREATE KEYSPACE {keyspace} WITH replication = {{'class': 'NetworkTopologyStrategy', 'dc1': 1}}"), ()).await?;
    session.use_keyspace(keyspace.as_str(), false).await?;
    for statement in [
        "CREATE TYPE address (street text, number int, tags frozen<set<text>>)",
        "CREATE TABLE everything (id uuid PRIMARY KEY, a ascii, b bigint, c blob, d boolean, e date, f timestamp, g decimal, h double, i float, j inet, k int, l list<int>, m map<text, int>, n set<text>, o smallint, p text, q time, r timeuuid, s tinyint, t tuple<int, text>, u frozen<address>, v varint, w duration, x address, y frozen<map<text, frozen<list<int>>>>, z vector<float, 3>)",
        "CREATE TABLE events (place text, day int, at int, note text, owner text STATIC, size int, PRIMARY KEY ((place, day), at)) WITH CLUSTERING ORDER BY (at DESC)",
        "CREATE TABLE hits (page text PRIMARY KEY, n counter)",
        "CREATE INDEX by_size ON events (size)",
        "CREATE MATERIALIZED VIEW by_at AS SELECT at, place, day, size FROM events WHERE place IS NOT NULL AND day IS NOT NULL AND at IS NOT NULL PRIMARY KEY (at, place, day)",
    ] {
        session.query_unpaged(statement, ()).await?;
    }
    session.await_schema_agreement().await?;
    session.refresh_metadata().await?;
    let state = session.get_cluster_state();
    let meta = state.get_keyspace(keyspace).ok_or("no keyspace")?;
    println!("strategy: {:?}", meta.strategy);
    for (name, table) in meta.tables.iter().collect::<BTreeMap<_, _>>() {
        println!("{name}: {:?} {:?} {:?}", table.partition_key, table.clustering_key, table.columns.iter().map(|(name, column)| format!("{name} {:?} {:?}", column.typ, column.kind)).collect::<BTreeSet<_>>());
    }
    println!("views: {:?}", meta.views.iter().map(|(name, view)| (name.clone(), view.base_table_name.clone())).collect::<BTreeMap<_, _>>());
    println!("types: {:?}", meta.user_defined_types.iter().map(|(name, udt)| format!("{name} {:?}", udt.field_types)).collect::<BTreeSet<_>>());

    let made = Everything {
        id: uuid::Uuid::from_u128(0x0102_0304_0506_4708_890a_0b0c_0d0e_0f10),
        a: "ascii".into(), b: 1 << 62, c: vec![0, 255], d: true, e: NaiveDate::from_ymd_opt(2024, 2, 29).unwrap(), f: DateTime::from_timestamp_millis(1_709_210_096_789).unwrap(), g: "1.50".parse()?, h: 1.5, i: 0.25, j: "10.1.2.3".parse()?, k: -5,
        l: vec![3, 1, 2], m: [("x".into(), 1)].into(), n: ["b".into(), "a".into()].into(), o: 300, p: "grün".into(), q: NaiveTime::from_hms_opt(1, 2, 3).unwrap(), r: "13814000-1dd2-11b2-8080-808080808080".parse()?, s: -3, t: (7, "seven".into()),
        u: Address { street: Some("Main".into()), number: Some(1), tags: Some(["q".into()].into()) }, v: BigInt::from(1) << 70, w: CqlDuration { months: 1, days: 2, nanoseconds: 3 }, x: Address { street: Some("Side".into()), number: None, tags: None },
        y: [("k".into(), vec![1, 2])].into(), z: vec![1.0, 2.5, -3.0],
    };
    let columns = "id, a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y, z";
    let insert = session.prepare(format!("INSERT INTO everything ({columns}) VALUES ({})", vec!["?"; 27].join(", "))).await?;
    for column in insert.get_variable_col_specs().iter() {
        println!("variable {}: {:?}", column.name(), column.typ());
    }
    println!("routing: {:?} {:?}", insert.get_variable_pk_indexes().len(), insert.is_token_aware());
    session.execute_unpaged(&insert, &made).await?;
    let found = session.query_unpaged(format!("SELECT {columns} FROM everything WHERE id = ?"), (made.id,)).await?.into_rows_result()?.single_row::<Everything>()?;
    println!("found: {found:?}");
    println!("equal: {}", found == made);
    let varint: CqlVarint = session.query_unpaged("SELECT v FROM everything", ()).await?.into_rows_result()?.single_row::<(CqlVarint,)>()?.0;
    println!("varint: {:?}", varint.as_signed_bytes_be_slice());
    session.query_unpaged("UPDATE everything SET l = l + ?, m['y'] = ?, n = n - ?, p = ?, x.street = ? WHERE id = ?", (vec![9], 2, vec!["a"], None::<String>, "Third", made.id)).await?;
    let row = session.query_unpaged("SELECT l, m, n, p, x FROM everything WHERE id = ?", (made.id,)).await?.into_rows_result()?.single_row::<Row>()?;
    println!("changed: {:?}", row.columns);

    let event = session.prepare("INSERT INTO events (place, day, at, note, owner, size) VALUES (?, ?, ?, ?, ?, ?)").await?;
    for at in 0..100 {
        session.execute_unpaged(&event, ("harbour", 1, at, at.to_string(), "city", at % 5)).await?;
    }
    let mut select = session.prepare("SELECT at FROM events WHERE place = ? AND day = ? AND at > ?").await?;
    select.set_page_size(7);
    let numbers: Vec<(i32,)> = session.execute_iter(select.clone(), ("harbour", 1, 10)).await?.rows_stream::<(i32,)>()?.try_collect().await?;
    println!("pages: {} {}", numbers.len(), numbers.iter().map(|(at,)| at).sum::<i32>());
    let mut state = PagingState::start();
    let mut sizes = Vec::new();
    loop {
        let (result, response): (_, PagingStateResponse) = session.execute_single_page(&select, ("harbour", 1, 60), state).await?;
        sizes.push(result.into_rows_result()?.rows_num());
        match response.into_paging_control_flow() {
            ControlFlow::Break(()) => break,
            ControlFlow::Continue(next) => state = next,
        }
    }
    println!("rows of pages: {}", sizes.iter().sum::<usize>());
    let result = session.query_unpaged("SELECT count(*), max(size), avg(size) AS mean, min(note) FROM events WHERE place = ? AND day = ?", ("harbour", 1)).await?.into_rows_result()?;
    for column in result.column_specs().iter() {
        println!("column {}: {:?} {}", column.name(), column.typ(), column.table_spec().table_name());
    }
    println!("aggregates: {:?}", result.single_row::<(i64, i32, i32, String)>()?);
    println!("index: {:?}", session.query_unpaged("SELECT count(*) FROM events WHERE size = ?", (3,)).await?.into_rows_result()?.single_row::<(i64,)>()?);
    println!("view: {:?}", session.query_unpaged("SELECT at, place, size FROM by_at WHERE at = ?", (7,)).await?.into_rows_result()?.single_row::<(i32, String, i32)>()?);
    println!("in: {:?}", session.query_unpaged("SELECT count(*) FROM events WHERE place IN ? AND day = ?", (vec!["harbour", "nowhere"], 1)).await?.into_rows_result()?.single_row::<(i64,)>()?);

    let mut unless = session.prepare("INSERT INTO events (place, day, at, note) VALUES (?, ?, ?, ?) IF NOT EXISTS").await?;
    unless.set_serial_consistency(Some(SerialConsistency::LocalSerial));
    for note in ["one", "two"] {
        let result = session.execute_unpaged(&unless, ("lwt", 1, 1, note)).await?.into_rows_result()?;
        println!("lwt: {:?} {:?}", result.column_specs().iter().map(|column| column.name().to_owned()).collect::<Vec<_>>(), result.single_row::<Row>()?.columns);
    }
    let result = session.query_unpaged("UPDATE events SET note = ? WHERE place = ? AND day = ? AND at = ? IF note = ?", ("two", "lwt", 1, 1, "three")).await?.into_rows_result()?;
    println!("condition: {:?}", result.single_row::<(bool, String)>()?);
    let mut batch = Batch::new(BatchType::Logged);
    batch.append_statement("UPDATE events SET note = ? WHERE place = ? AND day = ? AND at = ?");
    batch.append_statement(event.clone());
    session.batch(&batch, (("both", "lwt", 1, 1), ("lwt", 1, 2, "new", "o", 0))).await?;
    println!("batch: {:?}", session.query_unpaged("SELECT at, note, owner FROM events WHERE place = 'lwt' AND day = 1", ()).await?.into_rows_result()?.rows::<(i32, String, String)>()?.collect::<std::result::Result<Vec<_>, _>>()?);
    let mut counters = Batch::new(BatchType::Counter);
    counters.append_statement("UPDATE hits SET n = n + ? WHERE page = ?");
    counters.append_statement("UPDATE hits SET n = n - ? WHERE page = ?");
    session.batch(&counters, ((Counter(5), "/"), (Counter(2), "/"))).await?;
    println!("counter: {:?}", session.query_unpaged("SELECT n FROM hits", ()).await?.into_rows_result()?.single_row::<(Counter,)>()?);
    let mut dated = Statement::new("INSERT INTO events (place, day, at, note) VALUES ('ttl', 1, 1, 'x') USING TTL 1000");
    dated.set_timestamp(Some(1234));
    dated.set_consistency(Consistency::One);
    session.query_unpaged(dated, ()).await?;
    let (ttl, time) = session.query_unpaged("SELECT ttl(note), writetime(note) FROM events WHERE place = 'ttl' AND day = 1", ()).await?.into_rows_result()?.single_row::<(i32, i64)>()?;
    println!("ttl: {} {time}", ttl > 900 && ttl <= 1000);

    refused("syntax", session.query_unpaged("SELEKT 1", ()).await);
    refused("unknown", session.query_unpaged("SELECT nothing FROM events", ()).await);
    refused("no table", session.query_unpaged("SELECT * FROM nowhere", ()).await);
    refused("exists", session.query_unpaged("CREATE TABLE events (a int PRIMARY KEY)", ()).await);
    refused("filtering", session.query_unpaged("SELECT * FROM events WHERE note = 'x'", ()).await);
    refused("unset key", session.query_unpaged("INSERT INTO events (place, day, at) VALUES (null, 1, 1)", ()).await);
    let mut traced = Statement::new("SELECT at FROM events LIMIT 1");
    traced.set_tracing(true);
    let id = session.query_unpaged(traced, ()).await?.tracing_id().ok_or("no trace")?;
    let trace = session.get_tracing_info(&id).await?;
    println!("trace: {:?} {}", trace.request, !trace.events.is_empty());
    session.query_unpaged("ALTER TABLE events ADD extra map<text, int>", ()).await?;
    let all = session.prepare("SELECT * FROM events WHERE place = ? AND day = ? AND at = ?").await?;
    println!("after ALTER: {:?}", session.execute_unpaged(&all, ("lwt", 1, 1)).await?.into_rows_result()?.single_row::<Row>()?.columns.len());
    refused("drop of a column with a view", session.query_unpaged("ALTER TABLE events DROP extra", ()).await);
    session.query_unpaged("TRUNCATE events", ()).await?;
    println!("truncated: {:?}", session.query_unpaged("SELECT count(*) FROM events", ()).await?.into_rows_result()?.single_row::<(i64,)>()?);
    session.query_unpaged(format!("DROP KEYSPACE {keyspace}"), ()).await?;
    Ok(())
}

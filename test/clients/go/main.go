// gocql: `scenario HOST PORT KEYSPACE` prints what it finds.
package main

import (
	"errors"
	"fmt"
	"math/big"
	"net"
	"os"
	"sort"
	"strconv"
	"time"

	"github.com/gocql/gocql"
	"gopkg.in/inf.v0"
)

type address struct {
	Street string   `cql:"street"`
	Number int      `cql:"number"`
	Tags   []string `cql:"tags"`
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func say(name string, values ...interface{}) {
	fmt.Println(append([]interface{}{name + ":"}, values...)...)
}

// refused prints the code of an error.
func refused(name string, err error) {
	var exists *gocql.RequestErrAlreadyExists
	var request gocql.RequestError
	switch {
	case err == nil:
		say(name, "no error")
	case errors.As(err, &exists):
		say(name, "exists", exists.Keyspace, exists.Table)
	case errors.As(err, &request):
		say(name, fmt.Sprintf("%#x", request.Code()))
	default:
		say(name, err)
	}
}

func main() {
	host, keyspace := os.Args[1], os.Args[3]
	port, err := strconv.Atoi(os.Args[2])
	must(err)
	config := gocql.NewCluster(host)
	config.Port = port
	config.ProtoVersion = 4
	config.Timeout = time.Minute
	config.ConnectTimeout = 30 * time.Second
	config.NumConns = 2
	config.Consistency = gocql.One
	config.HostFilter = gocql.WhiteListHostFilter(host)
	admin, err := config.CreateSession()
	must(err)
	must(admin.Query("DROP KEYSPACE IF EXISTS " + keyspace).Exec())
	must(admin.Query("CREATE KEYSPACE " + keyspace + " WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}").Exec())
	admin.Close()
	config.Keyspace = keyspace
	config.Compressor = gocql.SnappyCompressor{}
	session, err := config.CreateSession()
	must(err)
	defer session.Close()
	for _, statement := range []string{
		"CREATE TYPE address (street text, number int, tags frozen<set<text>>)",
		"CREATE TABLE everything (id uuid PRIMARY KEY, a ascii, b bigint, c blob, d boolean, e date, f timestamp, g decimal, h double, i float, j inet, k int, l list<int>, m map<text, int>, n set<text>, o smallint, p text, q time, r timeuuid, s tinyint, t tuple<int, text>, u frozen<address>, v varint, w duration, x address, y frozen<map<text, frozen<list<int>>>>)",
		"CREATE TABLE events (place text, day int, at int, note text, owner text STATIC, size int, PRIMARY KEY ((place, day), at)) WITH CLUSTERING ORDER BY (at DESC) AND comment = 'what happened'",
		"CREATE TABLE hits (page text PRIMARY KEY, n counter)", "CREATE INDEX by_size ON events (size)",
	} {
		must(session.Query(statement).Exec())
	}

	meta, err := session.KeyspaceMetadata(keyspace)
	must(err)
	names := []string{}
	for name := range meta.Tables {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		table := meta.Tables[name]
		columns := []string{}
		for _, column := range table.Columns {
			columns = append(columns, fmt.Sprint(column.Name, " ", column.Type, " ", column.Kind, " ", column.ComponentIndex, " ", column.Order))
		}
		sort.Strings(columns)
		say(name, columns)
	}
	types := []string{}
	for _, each := range meta.UserTypes {
		types = append(types, fmt.Sprint(each.Name, each.FieldNames, each.FieldTypes))
	}
	say("types", types, meta.StrategyClass, meta.StrategyOptions, meta.DurableWrites)

	id := gocql.UUID{1, 2, 3, 4, 5, 6, 0x47, 8, 0x89, 10, 11, 12, 13, 14, 15, 16}
	timeID, err := gocql.ParseUUID("13814000-1dd2-11b2-8080-808080808080")
	must(err)
	must(session.Query("INSERT INTO everything (id, a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, (?, ?), ?, ?, ?, ?, ?)",
		id, "ascii", int64(1)<<62, []byte{0, 255}, true, time.Date(2024, 2, 29, 0, 0, 0, 0, time.UTC), time.Date(2024, 2, 29, 12, 34, 56, 789000000, time.UTC), inf.NewDec(150, 2), 1.5, float32(0.25), net.ParseIP("10.1.2.3"), -5,
		[]int{3, 1, 2}, map[string]int{"x": 1}, []string{"b", "a"}, int16(300), "grün", 3723*time.Second, timeID, int8(-3), 7, "seven", address{"Main", 1, []string{"q"}}, new(big.Int).Lsh(big.NewInt(1), 70),
		gocql.Duration{Months: 1, Days: 2, Nanoseconds: 3}, address{"Side", 2, nil}, map[string][]int{"k": {1, 2}}).Exec())
	row := map[string]interface{}{}
	must(session.Query("SELECT * FROM everything WHERE id = ?", id).MapScan(row))
	names = names[:0]
	for name := range row {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		say(name, fmt.Sprintf("%T %v", row[name], row[name]))
	}
	var first int
	var second string
	var home address
	must(session.Query("SELECT t, u FROM everything WHERE id = ?", id).Scan(&first, &second, &home))
	say("tuple and type", first, second, home)
	must(session.Query("UPDATE everything SET l = l + ?, m['y'] = ?, n = n - ?, p = ?, x.street = ? WHERE id = ?", []int{9}, 2, []string{"a"}, nil, "Third", id).Exec())
	var list []int
	var dict map[string]int
	var set []string
	var text *string
	must(session.Query("SELECT l, m, n, p, x FROM everything WHERE id = ?", id).Scan(&list, &dict, &set, &text, &home))
	say("changed", list, dict, set, text == nil, home)

	for at := 0; at < 100; at++ {
		must(session.Query("INSERT INTO events (place, day, at, note, owner, size) VALUES (?, ?, ?, ?, ?, ?)", "harbour", 1, at, strconv.Itoa(at), "city", at%5).Exec())
	}
	iterator := session.Query("SELECT at FROM events WHERE place = ? AND day = ? AND at > ?", "harbour", 1, 10).PageSize(7).Iter()
	var at, count, sum int
	for iterator.Scan(&at) {
		count++
		sum += at
	}
	must(iterator.Close())
	say("pages", count, sum)
	iterator = session.Query("SELECT at, note FROM events WHERE place = ? AND day = ? LIMIT 10", "harbour", 1).PageSize(4).Iter()
	say("first page", iterator.NumRows(), len(iterator.PageState()) > 0)
	state := iterator.PageState()
	must(iterator.Close())
	iterator = session.Query("SELECT at, note FROM events WHERE place = ? AND day = ? LIMIT 10", "harbour", 1).PageSize(4).PageState(state).Iter()
	iterator.Scan(&at, &second)
	say("second page begins", at, second)
	must(iterator.Close())
	columns := session.Query("SELECT count(*), max(size), avg(size), writetime(note) FROM events WHERE place = ? AND day = ? GROUP BY place, day", "harbour", 1).Iter()
	for _, column := range columns.Columns() {
		say("column", column.Name, column.TypeInfo, column.Keyspace == keyspace, column.Table)
	}
	must(columns.Close())
	var total int64
	var most, mean int
	must(session.Query("SELECT count(*), max(size), avg(size) FROM events WHERE place = ? AND day = ?", "harbour", 1).Scan(&total, &most, &mean))
	say("aggregates", total, most, mean)
	must(session.Query("SELECT count(*) FROM events WHERE size = ?", 3).Scan(&total))
	say("index", total)
	must(session.Query("SELECT count(*) FROM events WHERE place IN ? AND day = ?", []string{"harbour", "nowhere"}, 1).Scan(&total))
	say("in", total)

	previous := map[string]interface{}{}
	applied, err := session.Query("INSERT INTO events (place, day, at, note) VALUES (?, ?, ?, ?) IF NOT EXISTS", "lwt", 1, 1, "one").MapScanCAS(previous)
	must(err)
	say("lwt", applied, previous)
	previous = map[string]interface{}{}
	applied, err = session.Query("INSERT INTO events (place, day, at, note) VALUES (?, ?, ?, ?) IF NOT EXISTS", "lwt", 1, 1, "two").MapScanCAS(previous)
	must(err)
	say("lwt", applied, previous)
	var before string
	applied, err = session.Query("UPDATE events SET note = ? WHERE place = ? AND day = ? AND at = ? IF note = ?", "two", "lwt", 1, 1, "three").SerialConsistency(gocql.LocalSerial).ScanCAS(&before)
	must(err)
	say("condition", applied, before)
	batch := session.NewBatch(gocql.LoggedBatch)
	batch.Query("UPDATE events SET note = ? WHERE place = ? AND day = ? AND at = ?", "both", "lwt", 1, 1)
	batch.Query("INSERT INTO events (place, day, at, note) VALUES (?, ?, ?, ?)", "lwt", 1, 2, "new")
	must(session.ExecuteBatch(batch))
	iterator = session.Query("SELECT at, note FROM events WHERE place = ? AND day = ?", "lwt", 1).Iter()
	for iterator.Scan(&at, &second) {
		say("batch", at, second)
	}
	must(iterator.Close())
	batch = session.NewBatch(gocql.UnloggedBatch)
	batch.Query("INSERT INTO events (place, day, at, note) VALUES (?, ?, ?, ?) IF NOT EXISTS", "lwt", 1, 2, "x")
	batch.Query("UPDATE events SET note = ? WHERE place = ? AND day = ? AND at = ?", "y", "lwt", 1, 1)
	applied, iterator, err = session.MapExecuteBatchCAS(batch, map[string]interface{}{})
	must(err)
	say("conditional batch", applied)
	must(iterator.Close())
	counters := session.NewBatch(gocql.CounterBatch)
	counters.Query("UPDATE hits SET n = n + ? WHERE page = ?", int64(5), "/")
	counters.Query("UPDATE hits SET n = n - ? WHERE page = ?", int64(2), "/")
	must(session.ExecuteBatch(counters))
	must(session.Query("SELECT n FROM hits WHERE page = ?", "/").Scan(&total))
	say("counter", total)
	must(session.Query("INSERT INTO events (place, day, at, note) VALUES (?, ?, ?, ?) USING TTL ? AND TIMESTAMP ?", "ttl", 1, 1, "x", 1000, int64(1234)).Exec())
	var ttl int
	must(session.Query("SELECT ttl(note), writetime(note) FROM events WHERE place = ? AND day = ? AND at = ?", "ttl", 1, 1).Scan(&ttl, &total))
	say("ttl", ttl > 900 && ttl <= 1000, total)
	must(session.Query("INSERT INTO events (place, day, at, note) VALUES (?, ?, ?, ?)", "default", 1, 1, "x").WithTimestamp(77).Exec())
	must(session.Query("SELECT writetime(note) FROM events WHERE place = ? AND day = ? AND at = ?", "default", 1, 1).Scan(&total))
	say("timestamp", total)

	refused("syntax", session.Query("SELEKT 1").Exec())
	refused("unknown", session.Query("SELECT nothing FROM events").Exec())
	refused("no table", session.Query("SELECT * FROM nowhere").Exec())
	refused("exists", session.Query("CREATE TABLE events (a int PRIMARY KEY)").Exec())
	refused("filtering", session.Query("SELECT * FROM events WHERE note = 'x'").Exec())
	refused("none", session.Query("SELECT at FROM events WHERE place = ? AND day = ?", "nowhere", 1).Scan(&at))
	refused("type", session.Query("INSERT INTO events (place, day, at) VALUES (?, ?, ?)", "x", "one", 1).Exec())
	tracer := &counting{}
	must(session.Query("SELECT at FROM events LIMIT 1").Trace(tracer).Exec())
	say("trace", tracer.traces)
	must(session.Query("ALTER TABLE events ADD extra map<text, int>").Exec())
	row = map[string]interface{}{}
	must(session.Query("SELECT * FROM events WHERE place = ? AND day = ? AND at = ?", "lwt", 1, 1).MapScan(row))
	say("after ALTER", len(row))
	must(session.Query("TRUNCATE events").Exec())
	must(session.Query("SELECT count(*) FROM events").Scan(&total))
	say("truncated", total)
	must(session.Query("DROP KEYSPACE " + keyspace).Exec())
}

type counting struct{ traces int }

func (t *counting) Trace([]byte) { t.traces++ }

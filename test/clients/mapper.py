"""The object mapper of the Python driver: `mapper.py HOST PORT KEYSPACE` prints what it finds."""
import os
import sys
import uuid
import warnings
from datetime import date, datetime, time, timedelta
from decimal import Decimal

warnings.simplefilter('ignore')
os.environ['CQLENG_ALLOW_SCHEMA_MANAGEMENT'] = '1'

from cassandra import InvalidRequest, AlreadyExists
from cassandra.cluster import Cluster, ExecutionProfile, EXEC_PROFILE_DEFAULT
from cassandra.policies import WhiteListRoundRobinPolicy
from cassandra.cqlengine import columns, connection, functions
from cassandra.cqlengine.management import create_keyspace_simple, drop_keyspace, drop_table, sync_table, sync_type
from cassandra.cqlengine.models import Model
from cassandra.cqlengine.query import BatchQuery, BatchType, ContextQuery, DoesNotExist, LWTException, MultipleObjectsReturned, QueryException
from cassandra.cqlengine.usertype import UserType
from cassandra.cqlengine.named import NamedTable
from cassandra.query import SimpleStatement, dict_factory

host, port, keyspace = sys.argv[1], int(sys.argv[2]), sys.argv[3]
profile = ExecutionProfile(load_balancing_policy=WhiteListRoundRobinPolicy([host]), row_factory=dict_factory, request_timeout=60)
cluster = Cluster([host], port=port, execution_profiles={EXEC_PROFILE_DEFAULT: profile}, protocol_version=5, connect_timeout=30, control_connection_timeout=30)
session = cluster.connect()
connection.register_connection('default', session=session, default=True)


def say(name, value):
    print(name, value, sep=': ')


def refused(name, action):
    try:
        say(name, action())
    except Exception as error:  # what kind it is, is what is compared
        say(name, type(error).__name__)


class Address(UserType):
    street = columns.Text()
    number = columns.Integer()
    tags = columns.Set(columns.Text)


class Everything(Model):
    __keyspace__ = keyspace
    id = columns.UUID(primary_key=True)
    a = columns.Ascii()
    b = columns.BigInt()
    c = columns.Blob()
    d = columns.Boolean()
    e = columns.Date()
    f = columns.DateTime()
    g = columns.Decimal()
    h = columns.Double()
    i = columns.Float()
    j = columns.Inet()
    k = columns.Integer()
    l = columns.List(columns.Integer)
    m = columns.Map(columns.Text, columns.Integer)
    n = columns.Set(columns.Text)
    o = columns.SmallInt()
    p = columns.Text()
    q = columns.Time()
    r = columns.TimeUUID()
    s = columns.TinyInt()
    t = columns.Tuple(columns.Integer, columns.Text)
    u = columns.UserDefinedType(Address)
    v = columns.VarInt()
    w = columns.List(columns.Tuple(columns.Integer, columns.Integer))
    x = columns.UserDefinedType(Address)


class Event(Model):
    __keyspace__ = keyspace
    __table_name__ = 'events'
    __options__ = {'comment': 'what happened', 'gc_grace_seconds': 3600, 'compaction': {'class': 'LeveledCompactionStrategy', 'sstable_size_in_mb': '80'}}
    place = columns.Text(partition_key=True)
    day = columns.Integer(partition_key=True)
    at = columns.Integer(primary_key=True, clustering_order='DESC')
    what = columns.Text(primary_key=True)
    owner = columns.Text(static=True)
    size = columns.Integer(index=True)
    note = columns.Text()


class Hits(Model):
    __keyspace__ = keyspace
    page = columns.Text(primary_key=True)
    n = columns.Counter()


drop_keyspace(keyspace)
create_keyspace_simple(keyspace, 1)
sync_type(keyspace, Address)
for model in (Everything, Event, Hits):
    sync_table(model)
    sync_table(model)  # nothing is left to do

meta = cluster.metadata.keyspaces[keyspace]
for name in sorted(meta.tables):
    table = meta.tables[name]
    say(name, [(column.name, column.cql_type, column.is_static) for column in table.columns.values()])
    say(name + ' key', ([column.name for column in table.partition_key], [(column.name, column.is_reversed) for column in table.clustering_key]))
    say(name + ' options', (table.options['comment'], table.options['gc_grace_seconds'], sorted(table.options['compaction'].items())))
    say(name + ' indexes', sorted((index.name, index.kind, sorted(index.index_options.items())) for index in table.indexes.values()))
say('types', [(type_.name, type_.field_names, type_.field_types) for type_ in meta.user_types.values()])
print(meta.tables['events'].export_as_string())

one = uuid.UUID('6ab09bec-e68e-48d9-a5f8-97e6fb4c9b47')
made = Everything.create(
    id=one, a='ascii', b=2 ** 62, c=b'\x00\xff', d=True, e=date(2024, 2, 29), f=datetime(2024, 2, 29, 12, 34, 56, 789000), g=Decimal('1.50'), h=1.5, i=0.25, j='127.0.0.1', k=-5, l=[3, 1, 2], m={'x': 1, 'y': 2},
    n={'b', 'a'}, o=300, p='grün', q=time(1, 2, 3), r=uuid.UUID('13814000-1dd2-11b2-8080-808080808080'), s=-3, t=(7, 'seven'), u=Address(street='Main', number=1, tags={'q'}), v=2 ** 70, w=[(1, 2), (3, 4)], x=Address(street=None, number=2))
found = Everything.get(id=one)
for name in found._columns:
    value = getattr(found, name)
    say(name, (value.street, value.number, sorted(value.tags or [])) if isinstance(value, Address) else sorted(value) if isinstance(value, (set, frozenset)) else value)
say('equal', found == made)
found.update(k=9, l=[1], m={'z': 26}, n={'c'}, p=None)
again = Everything.get(id=one)
say('updated', (again.k, list(again.l), dict(again.m), set(again.n), again.p))
again.l.append(5)
again.l.insert(0, 0)
again.m['new'] = 1
del again.m['z']
again.n.add('d')
again.n.remove('c')
again.u.street = 'Side'
again.save()
again = Everything.get(id=one)
say('saved', (list(again.l), dict(again.m), set(again.n), again.u.street))
Everything.objects(id=one).update(l__append=[6, 7], l__prepend=[-1], n__add={'e'}, m__update={'q': 3}, n__remove={'d'}, m__remove={'new'})
again = Everything.get(id=one)
say('collections', (list(again.l), dict(again.m), sorted(again.n)))

for place in ('harbour', 'station'):
    for at in range(40):
        Event.create(place=place, day=1, at=at, what='arrival' if at % 2 else 'departure', owner='city of ' + place, size=at % 5, note=str(at))
events = Event.objects(place='harbour', day=1)
say('count', events.count())
say('first', [(event.at, event.what, event.owner) for event in events[:3]])
say('ascending', [event.at for event in events.order_by('at', '-what').limit(3)])
say('range', [event.at for event in events.filter(at__gte=10, at__lt=13)])
say('in', [event.at for event in Event.objects(place='harbour', day=1, at__in=[1, 3, 77])])
say('slice', [event.at for event in events[5:8]])
say('values', list(events.filter(at=7).values_list('what', 'size', flat=False)))
say('flat', list(events.limit(2).values_list('at', flat=True)))
say('only', [(event.place, event.note) for event in events.only(['note']).limit(2)])
say('defer', [event.size for event in events.defer(['note']).limit(2)])
say('index', sorted((event.place, event.at) for event in Event.objects(size=3)))
say('filtering', sorted(event.at for event in Event.objects(note='7').allow_filtering()))
say('distinct', sorted((event.place, event.day) for event in Event.objects.distinct(['place', 'day'])))
say('pages', len(list(Event.objects.fetch_size(7).limit(None))))
say('all', len(Event.objects.all().limit(None)))
say('token', len(list(Event.objects(pk__token__lte=functions.Token('harbour', 1)).limit(None))))
say('page by page', [event.at for event in events.filter(at__lt=events[4].at)[:2]])
refused('too many', lambda: Event.objects(place='harbour', day=1).get())
refused('none', lambda: Event.get(place='nowhere', day=1, at=1, what='x'))
refused('no key', lambda: list(Event.objects(at=1)))
refused('unknown', lambda: list(Event.objects(nothing=1)))
refused('raw', lambda: session.execute('SELECT nothing FROM %s.events' % keyspace))
refused('again', lambda: session.execute('CREATE TABLE %s.events (a int PRIMARY KEY)' % keyspace))

Event.objects(place='harbour', day=1, at=39, what='arrival').update(note='changed')
Event.objects(place='harbour', day=1, at=38, what='departure').delete()
Event.objects(place='harbour', day=1, at=37).delete()
say('changed', [(event.at, event.note) for event in Event.objects(place='harbour', day=1)[:2]])
Event.ttl(1000).create(place='ttl', day=1, at=1, what='x', note='gone soon')
say('ttl', [0 < row['ttl(note)'] <= 1000 for row in session.execute("SELECT ttl(note) FROM %s.events WHERE place = 'ttl' AND day = 1" % keyspace)])
Event.timestamp(timedelta(seconds=-1000)).create(place='ttl', day=1, at=1, what='x', note='older')
say('timestamp', Event.get(place='ttl', day=1, at=1, what='x').note)
Event.if_not_exists().create(place='lwt', day=1, at=1, what='x', note='one')
try:
    Event.if_not_exists().create(place='lwt', day=1, at=1, what='x', note='two')
except LWTException as error:
    say('lwt', sorted(error.existing.items(), key=str))
try:
    Event.objects(place='lwt', day=1, at=1, what='x').iff(note='two').update(note='three')
except LWTException as error:
    say('iff', sorted(error.existing.items()))
Event.objects(place='lwt', day=1, at=1, what='x').iff(note='one').update(note='three')
Event.objects(place='lwt', day=1, at=1, what='x').if_exists().update(note='four')
say('after', Event.get(place='lwt', day=1, at=1, what='x').note)
try:
    Event.objects(place='lwt', day=1, at=2, what='x').if_exists().delete()
except LWTException as error:
    say('if exists', sorted(error.existing.items()))

with BatchQuery() as batch:
    Event.batch(batch).create(place='batch', day=1, at=1, what='x')
    Event.batch(batch).create(place='batch', day=1, at=2, what='y')
    Event.objects(place='batch', day=1, at=1, what='x').batch(batch).update(note='both')
say('batch', [(event.at, event.note) for event in Event.objects(place='batch', day=1)])
with BatchQuery(batch_type=BatchType.Unlogged, timestamp=datetime.now() + timedelta(seconds=30)) as batch:
    Event.objects(place='batch', day=1, at=2, what='y').batch(batch).delete()
say('unlogged', [event.at for event in Event.objects(place='batch', day=1)])
for _ in range(3):
    Hits.objects(page='/').update(n=2)
Hits.objects(page='/').update(n=-1)
say('counter', Hits.get(page='/').n)


class Wider(Model):
    __keyspace__ = keyspace
    __table_name__ = 'events'
    place = columns.Text(partition_key=True)
    day = columns.Integer(partition_key=True)
    at = columns.Integer(primary_key=True, clustering_order='DESC')
    what = columns.Text(primary_key=True)
    owner = columns.Text(static=True)
    size = columns.Integer(index=True)
    note = columns.Text(index=True)
    marks = columns.Map(columns.Text, columns.Integer, index=True)


sync_table(Wider)
say('wider', sorted(cluster.metadata.keyspaces[keyspace].tables['events'].columns))
say('wider indexes', sorted((index.name, index.kind, sorted(index.index_options.items())) for index in cluster.metadata.keyspaces[keyspace].tables['events'].indexes.values()))
Wider.create(place='wide', day=1, at=1, what='x', marks={'a': 1, 'b': 2})
say('contains', [event.at for event in Wider.objects(marks__contains=2)])
named = NamedTable(keyspace, 'events')
say('named', sorted(row['at'] for row in named.objects(place='wide', day=1)))

prepared = session.prepare('SELECT at, what FROM %s.events WHERE place = ? AND day = ? AND at > ?' % keyspace)
say('prepared', [(column.name, str(column.type.typename)) for column in prepared.column_metadata])
say('routing', prepared.routing_key_indexes)
bound = prepared.bind(('station', 1, 20))
bound.fetch_size = 4
result = session.execute(bound)
pages = [len(result.current_rows)]
while result.has_more_pages:
    result.fetch_next_page()
    pages.append(len(result.current_rows))
say('prepared pages', sum(pages))
trace = session.execute(SimpleStatement('SELECT * FROM %s.events LIMIT 1' % keyspace), trace=True).get_query_trace(10)
say('trace', (trace.request_type, len(trace.events) > 0))

for model in (Everything, Event, Hits):
    drop_table(model)
say('tables', sorted(cluster.metadata.keyspaces[keyspace].tables))
drop_keyspace(keyspace)
say('keyspace', keyspace in cluster.metadata.keyspaces)
cluster.shutdown()

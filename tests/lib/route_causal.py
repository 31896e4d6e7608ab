"""Reads that must see writes: route_causal.py CASE. PORT is the router's, APP_PASSWORD the users',
CLIENTS and ROUNDS how much of it; SEED is printed.

Each reads a row that it has just written, in autocommit: by text or prepared, with and without
DEPRECATE_EOF, after a failing CALL, after a reset. Exits 1 at the first stale read."""
import os
import random
import signal
import struct
import sys
import threading
import time

import pymysql

from wire import *

PORT = int(os.environ['PORT'])
PASSWORD = os.environ['APP_PASSWORD'].encode()
CLIENTS, ROUNDS = int(os.environ.get('CLIENTS', '16')), int(os.environ.get('ROUNDS', '100'))
SEED = int(os.environ.get('SEED', random.randrange(1 << 30)))
stale = []


def connect(**more):
    return pymysql.connect(host='127.0.0.1', port=PORT, user='app', password=PASSWORD, charset='utf8mb4',
                           database=os.environ.get('APP_DB', 'app'), autocommit=True, **more)


class Raw:
    """A client with DEPRECATE_EOF and session tracking, text and prepared."""

    def __init__(self, caps=PLAIN | DEPRECATE_EOF | SESSION_TRACK):
        self.c = Client(os.environ['SOCK'])
        assert self.c.login(caps=caps)[0] == 0
        self.prepare()

    def prepare(self):
        self.sid = self.c.prepare(b'SELECT n FROM ryw WHERE id=?')
        self.sent = False

    def execute(self, sql):
        got = self.c.query(sql)
        assert not isinstance(got, bytes), got

    def read(self, ident):
        return int(self.c.query('SELECT n FROM ryw WHERE id=%d' % ident)[0][0])

    def read_prepared(self, ident):
        types = b'\0' if self.sent else b'\1\x08\0'
        self.sent = True
        self.c.command(0x17, struct.pack('<IBI', self.sid, 0, 1) + b'\0' + types + struct.pack('<q', ident))
        row = self.c.one_result(binary=True)[1][0]
        return struct.unpack_from('<i', row, 2)[0]

    def reset(self):
        self.c.command(0x1f)
        assert self.c.read()[0] == 0
        self.prepare()


class Py:
    """pymysql: neither DEPRECATE_EOF nor session tracking."""

    def __init__(self):
        self.c = connect()
        self.cur = self.c.cursor()

    def execute(self, sql):
        self.cur.execute(sql)

    def read(self, ident):
        self.cur.execute('SELECT n FROM ryw WHERE id=%s', (ident,))
        return self.cur.fetchall()[0][0]

    read_prepared = read

    def reset(self):
        self.c._execute_command(0x1f, b'')
        self.c._read_ok_packet()
        self.c.autocommit(True)


def failing_call(client, ident, n):
    try:
        client.execute('CALL commits_and_fails(%d, %d)' % (ident, n))
    except pymysql.MySQLError:
        return
    except AssertionError:
        return
    raise RuntimeError('the CALL did not fail')


def one(number):
    rng = random.Random(SEED * 1000 + number)
    client = Py() if number % 2 else Raw()
    client.execute('REPLACE INTO ryw VALUES (%d, 0)' % number)
    n = 0
    for _ in range(ROUNDS):
        n += 1
        what = rng.randrange(10)
        if what == 0:
            failing_call(client, number, n)
        elif what == 1:
            client.reset()
            client.execute('UPDATE ryw SET n=%d WHERE id=%d' % (n, number))
        elif what == 2:
            client.execute('SELECT writes(%d, %d)' % (number, n))
        else:
            client.execute('UPDATE ryw SET n=%d WHERE id=%d' % (n, number))
        for _ in range(rng.randrange(1, 4)):
            got = client.read(number) if rng.random() < 0.5 else client.read_prepared(number)
            if got != n:
                stale.append((number, what, n, got))
                return
        if rng.random() < 0.2:
            others = rng.randrange(CLIENTS)
            client.read(number if not others else number)


def run(number):
    try:
        one(number)
    except BaseException as e:  # pylint: disable=broad-except
        stale.append((number, repr(e)))


def own():
    threads = [threading.Thread(target=run, args=(i,)) for i in range(CLIENTS)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert not stale, stale


def across():
    """A write of another session is seen by who has learnt of it outside the database."""
    a, b = Py(), Raw()
    a.execute('REPLACE INTO ryw VALUES (-1, 0)')
    for n in range(1, ROUNDS + 1):
        a.execute('UPDATE ryw SET n=%d WHERE id=-1' % n)
        assert b.read(-1) == n, n
        b.execute('UPDATE ryw SET n=%d WHERE id=-1' % -n)
        assert a.read(-1) == -n, n


# ---- A session's state: of row -8 of ryw the source has 1 and the target 99 ----

BOTH = (PLAIN, PLAIN | DEPRECATE_EOF)
HERE, THERE = b'1', b'99'
WHERE = 'SELECT n FROM ryw WHERE id=-8'


def session(caps=PLAIN):
    c = Client(os.environ['SOCK'])
    assert c.login(caps=caps)[0] == 0
    return c


def done(c, sql):
    got = c.query(sql)
    assert not isinstance(got, bytes), (sql, got)
    return got


def at_target(c):
    """Waits until a read of this session goes to the target."""
    until = time.monotonic() + 10
    while done(c, WHERE) != [(THERE,)]:
        assert time.monotonic() < until, 'its reads stay at the source'
        time.sleep(0.02)


def one_value(c, sql):
    return done(c, sql)[0][0]


def moments():
    """What a session set for itself, or for its next transaction alone, is asked of the source."""
    for caps in BOTH:
        c = session(caps)
        at_target(c)
        done(c, 'SET timestamp=5')
        for _ in range(3):
            assert one_value(c, 'SELECT UNIX_TIMESTAMP(NOW()) FROM ryw WHERE id=-8') == b'5'
        c = session(caps)
        done(c, 'SET rand_seed1=5, rand_seed2=6')
        first = one_value(c, 'SELECT RAND()')
        done(c, 'SET rand_seed1=5, rand_seed2=6')
        assert one_value(c, 'SELECT RAND()') == first
        c = session(caps)
        at_target(c)
        done(c, 'SET TRANSACTION READ ONLY')
        assert one_value(c, WHERE) == HERE
        done(c, 'UPDATE ryw SET n=n WHERE id=-8')
        at_target(c)
        done(c, 'SET sql_auto_is_null=1')
        done(c, "INSERT INTO t (v) VALUES ('null')")
        ident = one_value(c, 'SELECT LAST_INSERT_ID()')
        d = session(caps)  # what d writes reaches the target after row -8 has
        done(d, "INSERT INTO t (v) VALUES ('later')")
        at_target(d)
        assert done(c, 'SELECT id FROM t WHERE id IS NULL') == [(ident,)]
        done(c, 'SET sql_auto_is_null=0')
        at_target(c)


def found_rows():
    for caps in BOTH:
        c = session(caps)
        at_target(c)
        done(c, 'SELECT SQL_CALC_FOUND_ROWS * FROM (SELECT 5 UNION ALL SELECT 6 UNION ALL SELECT 7) x LIMIT 1')
        assert done(c, 'SELECT FOUND_ROWS()') == [(b'3',)]
        at_target(c)
        done(c, 'SELECT 5 UNION ALL SELECT 6')
        done(c, 'UPDATE ryw SET n=n WHERE id=-8')  # MySQL counts its rows
        assert done(c, 'SELECT FOUND_ROWS()') == [(b'1' if os.environ['FLAVOUR'] == 'mysql' else b'2',)]


def databases():
    """A change of database that is refused leaves each side where the session is. Row -8 of other.ryw
    has 55 at both."""
    for caps in BOTH:
        c = session(caps)
        at_target(c)
        c.command(2, b'other')
        assert c.read()[0] == 0
        c.command(2, b'nosuch')
        assert err(c.read())[0] in (1044, 1049)
        for _ in range(3):
            assert one_value(c, WHERE) == b'55'
        assert err(c.query('USE nosuch'))[0] in (1044, 1049)
        assert one_value(c, WHERE) == b'55'
        assert one_value(c, 'SELECT DATABASE()') == b'other'
        done(c, 'USE app')
        at_target(c)


def programs():
    """A procedure or function that leaves a temporary table behind, in whatever way."""
    for caps in BOTH:
        for sql in ('CALL hides(0)', 'CALL hides(1)', 'SELECT hides()', 'DO hides()',
                    'SET NAMES utf8mb4; CALL hides(0)'):
            c = session(caps)
            at_target(c)
            got = c.query(sql)
            assert isinstance(got, bytes) == (sql == 'CALL hides(1)'), (sql, got)
            for _ in range(3):
                assert one_value(c, WHERE) == b'7', (caps, sql)
            done(c, 'DO 0')
            assert one_value(c, WHERE) == b'7', (caps, sql)
            done(c, 'SET NAMES utf8mb4')
            assert one_value(c, WHERE) == b'7', (caps, sql)
    # an error or a function that leaves nothing behind keeps no session
    for caps in BOTH:
        c = session(caps)
        at_target(c)
        assert isinstance(c.query('CALL commits_and_fails(-8, 1)'), bytes)
        done(c, 'SELECT writes(-12, 1)')
        done(c, 'DO 0')
        at_target(c)


def long_data():
    """What a read must see is known when it is executed, not when its parameters come."""
    c = session()
    sid = c.prepare(b'SELECT n FROM ryw WHERE id=-9 AND ? IS NOT NULL')
    done(c, 'REPLACE INTO ryw VALUES (-9, 0)')
    for n in range(1, 41):
        at_target(c)
        c.command(0x18, struct.pack('<IH', sid, 0) + b'x')
        done(c, 'UPDATE ryw SET n=%d WHERE id=-9' % n)
        c.command(0x17, struct.pack('<IBI', sid, 0, 1) + b'\0\1\xfc\0')
        row, = c.one_result(binary=True)[1]
        assert struct.unpack_from('<i', row, 2)[0] == n, n


def prepared_writes():
    c = session()
    done(c, 'REPLACE INTO ryw VALUES (-10, 0)')
    sid = c.prepare(b'UPDATE ryw SET n=? WHERE id=-10')
    for n in range(1, 101):
        c.command(0x17, struct.pack('<IBI', sid, 0, 1) + b'\0\1\x08\0' + struct.pack('<q', n))
        assert c.results() == ()
        assert one_value(c, 'SELECT n FROM ryw WHERE id=-10') == b'%d' % n


def collations():
    """Comparisons as the session's settings have them, on both sides."""
    for caps in BOTH:
        for sql, equal in (("SET NAMES utf8mb4 COLLATE utf8mb4_bin", b'0'),
                           ("SET collation_connection='utf8mb4_bin'", b'0'),
                           ("SET NAMES utf8mb4", b'1'),
                           ("SET CHARACTER SET utf8mb4", b'1')):
            c = session(caps)
            at_target(c)
            done(c, sql)
            for _ in range(3):
                got = done(c, "SELECT 'a'='A' FROM ryw WHERE id=-8")
                assert got == [(equal,)], (sql, got)


def under_way():
    """What was seen at the source while a command there commits as it runs is seen by all later reads.
    The process FOLLOWER is stopped meanwhile; the commands wait for lock 'gate' between their steps."""
    follower = int(os.environ['FOLLOWER'])
    for caps in BOTH:
        for sql in ('CALL steps(-13)', 'UPDATE ryw SET n=n+1 WHERE id=-13; DO GET_LOCK(\'gate\', 20)',
                    'CALL steps_and_fails(-13)'):
            gate, writer, reader, other = session(caps), session(caps), session(caps), session(caps)
            done(gate, 'REPLACE INTO ryw VALUES (-13, 0)')
            assert one_value(gate, "SELECT GET_LOCK('gate', 20)") == b'1'  # the writer before has had it
            at_target(other)
            at_target(reader)
            os.kill(follower, signal.SIGSTOP)
            try:
                writer.command(3, sql.encode())
                until = time.monotonic() + 10
                while one_value(reader, 'SELECT n FROM ryw WHERE id=-13 LOCK IN SHARE MODE') != b'1':
                    assert time.monotonic() < until, 'nothing is committed'
                # those who may know of it
                for c in (reader, other, session(caps)):
                    assert one_value(c, 'SELECT n FROM ryw WHERE id=-13') == b'1', (caps, sql)
                assert one_value(gate, "SELECT RELEASE_LOCK('gate')") == b'1'
            finally:
                os.kill(follower, signal.SIGCONT)


def not_imported():
    """Row -8 of apart.ryw, a database that nobody follows, differs like that of the imported one."""
    db = os.environ.get('APP_DB', 'app')
    for caps in BOTH:
        c = session(caps)
        for sql in ('SELECT n FROM apart.ryw WHERE id=-8',
                    'SELECT apart.ryw.n FROM apart.ryw WHERE apart.ryw.id=-8',
                    'SELECT n FROM `apart`.`ryw` x WHERE x.id=-8',
                    'SELECT apart.n FROM ryw apart WHERE apart.id=-8',
                    'SELECT n FROM v_apart WHERE id=-8',
                    'SELECT n FROM v_deep WHERE id=-8',
                    'SELECT (SELECT y.n FROM apart.ryw y WHERE y.id=x.id) FROM ryw x WHERE x.id=-8',
                    'WITH w AS (SELECT * FROM apart.ryw) SELECT n FROM w WHERE id=-8'):
            at_target(c)
            assert one_value(c, sql) == HERE, (caps, sql)
            at_target(c)
            sid = c.prepare(sql.encode())
            c.command(0x17, struct.pack('<IBI', sid, 0, 1))
            row, = c.one_result(binary=True)[1]
            assert struct.unpack_from('<i', row, 2)[0] == 1, (caps, sql)
        for sql in ('SELECT n FROM v_plain WHERE id=-8', 'SELECT x.n FROM %s.ryw x WHERE x.id=-8' % db):
            at_target(c)
            assert one_value(c, sql) == THERE, (caps, sql)
        done(c, 'USE apart')
        assert one_value(c, WHERE) == HERE
        assert one_value(c, 'SELECT n FROM %s.ryw WHERE id=-8' % db) == HERE
        done(c, 'USE ' + db)
        at_target(c)


def pins():
    """What a program that a statement runs leaves in the session keeps its reads at the source."""
    for caps in BOTH:
        for sql in ('SELECT takes_lock()', 'SELECT * FROM v_lock', 'SELECT keeps()', 'SELECT keeps_deep()',
                    'INSERT INTO triggered (a) VALUES (1)', 'CALL locks()', 'DO takes_lock()',
                    'UPDATE ryw SET n=n WHERE id=-8 AND takes_lock()'):
            c = session(caps)
            at_target(c)
            done(c, sql)
            for _ in range(3):
                assert one_value(c, WHERE) == HERE, (caps, sql)
        for sql in ('SELECT pure()', 'CALL purely()', 'INSERT INTO t (v) VALUES (1)'):
            c = session(caps)
            at_target(c)
            done(c, sql)
            done(c, 'DO 0')
            at_target(c)


def guarded():
    """No definition comes through, in whatever words; no row is lost to the guard."""
    c = session()
    done(c, "SET @ddl = 'CREATE TABLE more (a INT)'")
    long = 'x' * 70000
    huge = 'x' * 1100000
    refused = ['/*!50001 CREATE TABLE more (a INT) */', '/*! CREATE TABLE more (a INT) */',
               'CREATE /*!50001 TABLE */ more (a INT)', "PREPARE p FROM 'CREATE TABLE more (a INT)'",
               'PREPARE p FROM @ddl', 'CALL defines()', 'CALL defines_deep()', 'CALL prepares()',
               "CREATE TABLE more (a INT) COMMENT '%s'" % long, '/* %s */ CREATE TABLE more (a INT)' % long,
               "SELECT '%s'; CREATE TABLE more (a INT)" % long, "SELECT '%s'; CREATE TABLE more (a INT)" % huge,
               '/* %s */ CREATE TABLE more (a INT)' % huge, 'ALTER TABLE t DISABLE KEYS, ADD more INT',
               'ALTER TABLE t DISABLE KEYS; DROP TABLE t', "/*!50001 PREPARE p FROM 'DROP TABLE t' */"]
    if os.environ['FLAVOUR'] == 'mariadb':
        refused += ['/*M!100100 CREATE TABLE more (a INT) */', '/*!100100 CREATE TABLE more (a INT) */',
                    "EXECUTE IMMEDIATE 'CREATE TABLE more (a INT)'", 'EXECUTE IMMEDIATE @ddl',
                    "EXECUTE IMMEDIATE CONCAT('CREATE ', 'TABLE more (a INT)')",
                    'BEGIN NOT ATOMIC CREATE TABLE more (a INT); END', 'IF 1 THEN DROP TABLE t; END IF',
                    'l: LOOP DROP TABLE t; LEAVE l; END LOOP']
    for sql in refused:
        got = c.query(sql)
        assert isinstance(got, bytes) and err(got)[0] == 1290, (sql[:80], sql[-80:], got)
    let_by = ['/*!40000 ALTER TABLE t DISABLE KEYS */', '/*!40000 ALTER TABLE `t` ENABLE KEYS */',
              'ALTER TABLE t DISABLE KEYS', "PREPARE p FROM 'SELECT 1'", 'EXECUTE p', 'DEALLOCATE PREPARE p',
              "DO LENGTH('%s')" % long, '/*!99999 CREATE TABLE more (a INT) */ DO 0',
              'CREATE TEMPORARY TABLE tmp (a INT)', 'CALL purely()']
    if os.environ['FLAVOUR'] == 'mysql':
        let_by += ['/*M!100100 CREATE TABLE more (a INT) */ DO 0']
    else:
        let_by += ['/*!80000 CREATE TABLE more (a INT) */ DO 0']
    for sql in let_by:
        got = c.query(sql)
        assert not isinstance(got, bytes), (sql[:80], got)
    # of several packets only the beginning is looked at
    several = ['x' * (0xffffff - 300), 'x' * 500]
    d = session(PLAIN & ~MULTI)
    for client, begin, through in ((d, "DO LENGTH('", os.environ['FLAVOUR'] == 'mysql'), (c, "DO LENGTH('", False),
                                   (d, "CREATE TABLE more (a INT) COMMENT '", False), (d, '/*', False)):
        if begin.startswith('DO') and client is d and not through:
            continue  # longer than MariaDB takes
        text = b'\x03' + (begin + ''.join(several) + "')").encode()
        client.send(packet(0, text[:0xffffff]) + packet(1, text[0xffffff:]))
        got = client.results()
        assert isinstance(got, bytes) != through, (begin, got)
        assert through or err(got)[0] == 1290, (begin, got)
    assert not isinstance(c.query('SELECT n FROM ryw WHERE id=-8'), bytes)


def character_sets():
    """An @ in a text is none of a variable's, whatever the character set, and the text is a read."""
    tried = {'cp1251': b'\xcf\xf0\xe8', 'latin2': b'\xb3\xf3', 'koi8r': b'\xf0\xd2', 'gbk': b'\xbf\x5c',
             'sjis': b'\x83\x5c', 'cp932': b'\x83\x5c', 'big5': b'\xb3\x5c', 'euckr': b'\xb0\xa1',
             'gb2312': b'\xb0\xa1', 'ujis': b'\xa5\xa2', 'hebrew': b'\xe0', 'latin1': b'\xe9'}
    for caps in BOTH:
        for name, letters in tried.items():
            c = session(caps)
            at_target(c)
            done(c, 'SET NAMES ' + name)
            text = b"SELECT n FROM ryw WHERE id=-8 AND 'me@example.net " + letters + b"'<>'xa ; GET_LOCK(1)'"
            until = time.monotonic() + 10
            while one_value(c, text) != THERE:
                assert time.monotonic() < until, (name, 'its reads stay at the source')
            hidden = b"SELECT n, '" + letters + b"' , GET_LOCK('" + name.encode() + b"', 0) FROM ryw WHERE id=-8"
            assert one_value(c, hidden) == HERE, name
            assert one_value(c, WHERE) == HERE, name


def definitions():
    c = session()
    for sql in ('DROP TABLE nosuch', 'SELECT 1; DROP TABLE nosuch', 'DROP TABLE nosuch; SELECT 1'):
        got = c.query(sql)
        assert isinstance(got, bytes) and err(got)[0] == 1290, (sql, got)


def lost_commit():
    """COMMIT's answer is lost (cutproxy.py): a session that then looks for the write sees it, though the
    target does not have it yet. The process FOLLOWER is stopped meanwhile."""
    c, d = session(), session()
    done(c, 'REPLACE INTO ryw VALUES (-11, 0)')
    at_target(d)
    at_target(c)  # the follower has applied c's row
    follower = int(os.environ['FOLLOWER'])
    done(c, 'BEGIN')
    done(c, 'UPDATE ryw SET n=1 WHERE id=-11')
    assert one_value(c, 'SELECT n FROM ryw WHERE id=-11') == b'1'
    os.kill(follower, signal.SIGSTOP)
    try:
        c.command(3, b'COMMIT')
        assert err(c.read())[0] == 1053
        assert one_value(d, 'SELECT n FROM ryw WHERE id=-11') == b'1'
        assert one_value(session(), 'SELECT n FROM ryw WHERE id=-11') == b'1'
    finally:
        os.kill(follower, signal.SIGCONT)


print('seed', SEED)
globals()[sys.argv[1]]()

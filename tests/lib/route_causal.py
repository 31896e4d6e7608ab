"""Reads that must see writes: route_causal.py CASE. PORT is the router's, APP_PASSWORD the users',
CLIENTS and ROUNDS how much of it; SEED is printed.

Each reads a row that it has just written, in autocommit: by text or prepared, with and without
DEPRECATE_EOF, after a failing CALL, after a reset. Exits 1 at the first stale read."""
import os
import random
import struct
import sys
import threading

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
    """Another session's write, told of outside, is seen."""
    a, b = Py(), Raw()
    a.execute('REPLACE INTO ryw VALUES (-1, 0)')
    for n in range(1, ROUNDS + 1):
        a.execute('UPDATE ryw SET n=%d WHERE id=-1' % n)
        assert b.read(-1) == n, n
        b.execute('UPDATE ryw SET n=%d WHERE id=-1' % -n)
        assert a.read(-1) == -n, n


print('seed', SEED)
globals()[sys.argv[1]]()

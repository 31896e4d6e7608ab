#!/usr/bin/python3
"""An application that keeps books, to be switched from one server to another under it.

ledger.py --port N [--host H] [--tls CA] [--threads N] [--rate N] --log FILE [--seconds S]
    runs until S seconds are over or SIGTERM comes, and prints what it saw as NAME VALUE lines.
ledger.py --schema
    prints the tables it wants, in the database of its connection.

Each thread is one connection, of one of four kinds: text with autocommit on, text in transactions,
autocommit off, and prepared statements of the binary protocol. An entry is one transaction: a row of
`entry` and its amount on an account. What was acknowledged goes to the log as "who n id"; what
nobody knows (error 1053, a lost connection) as "? who n". Each reads its own write back, and asks for
LAST_INSERT_ID(). An error is one that an application would see; 1213 is tried again, as they do.
One more connection selects under autocommit=0 and then stays idle in its pool.
"""
import argparse
import os
import random
import signal
import struct
import sys
import threading
import time
import pymysql
from pymysql.protocol import OKPacketWrapper

SCHEMA = """
CREATE TABLE account (id INT PRIMARY KEY, balance BIGINT NOT NULL) ENGINE=InnoDB;
CREATE TABLE entry (id BIGINT PRIMARY KEY AUTO_INCREMENT, who INT NOT NULL, n INT NOT NULL,
    account INT NOT NULL, amount INT NOT NULL, note VARCHAR(40) CHARACTER SET utf8mb4,
    UNIQUE KEY once (who, n)) ENGINE=InnoDB;
INSERT INTO account VALUES (0,0),(1,0),(2,0),(3,0),(4,0),(5,0),(6,0),(7,0),(8,0),(9,0);
"""
RETRY = 1213
UNKNOWN = (1053, 2006, 2013, 2055, 0)
stop = threading.Event()


class Shared:
    def __init__(self, log):
        self.lock = threading.Lock()
        self.log = log
        self.acked = self.unknown = self.statements = self.retries = self.stale = self.wrong_id = 0
        self.errors = {}
        self.stall = 0.0
        self.stall_at = 0.0


class Prepared:
    """COM_STMT_PREPARE and COM_STMT_EXECUTE with integer and text parameters, for statements without
    rows: what pymysql lacks."""

    def __init__(self, conn, sql):
        self.conn = conn
        conn._execute_command(0x16, sql)
        head = conn._read_packet()._data
        self.id, columns, params = struct.unpack('<xIHH', head[:9])
        for count in (params, columns):
            if count:
                for _ in range(count + 1):
                    conn._read_packet()

    def execute(self, *values):
        body = struct.pack('<IBI', self.id, 0, 1) + bytes((len(values) + 7) // 8) + b'\x01'
        body += b''.join(b'\x08\x00' if isinstance(v, int) else b'\xfd\x00' for v in values)
        for v in values:
            body += struct.pack('<q', v) if isinstance(v, int) else bytes([len(v.encode())]) + v.encode()
        self.conn._execute_command(0x17, body)
        return OKPacketWrapper(self.conn._read_packet())


def connect(args, autocommit):
    return pymysql.connect(host=args.host, port=args.port, user=args.user, password=args.password,
                           database=args.database, charset='utf8mb4', autocommit=autocommit,
                           connect_timeout=20, read_timeout=60,
                           ssl={'ca': args.tls, 'check_hostname': False} if args.tls else None)


class Worker(threading.Thread):
    def __init__(self, who, args, shared):
        super().__init__(daemon=True)
        self.who, self.args, self.shared = who, args, shared
        kinds = args.kinds.split(',')
        self.kind = kinds[who % len(kinds)]
        self.conn = None
        self.random = random.Random(who)

    def open(self):
        self.conn = connect(self.args, self.kind != 'off')
        if self.kind == 'prepared':
            self.insert = Prepared(self.conn, 'INSERT INTO entry (who,n,account,amount,note) VALUES (?,?,?,?,?)')
            self.update = Prepared(self.conn, 'UPDATE account SET balance=balance+? WHERE id=?')

    def query(self, sql, *values):
        self.shared.statements += 1
        with self.conn.cursor() as cursor:
            cursor.execute(sql, values or None)
            return cursor.fetchone(), cursor.lastrowid

    def write(self, n, account, amount):
        note = '€🙂%d' % n
        if self.kind in ('transaction', 'prepared'):
            self.query('BEGIN')
        if self.kind == 'prepared':
            self.shared.statements += 2
            ident = self.insert.execute(self.who, n, account, amount, note).insert_id
            self.update.execute(amount, account)
        else:
            _, ident = self.query('INSERT INTO entry (who,n,account,amount,note) VALUES (%s,%s,%s,%s,%s)',
                                  self.who, n, account, amount, note)
            if self.kind != 'autocommit':
                self.query('UPDATE account SET balance=balance+%s WHERE id=%s', amount, account)
        if self.kind != 'autocommit':
            self.query('COMMIT')
        return ident

    def check(self, ident, n):
        row, _ = self.query('SELECT n, note FROM entry WHERE id=%s', ident)
        if row != (n, '€🙂%d' % n):
            self.shared.stale += 1
        if self.random.random() < 0.2:
            row, _ = self.query('SELECT LAST_INSERT_ID()')
            if row != (ident,):
                self.shared.wrong_id += 1
        if self.kind == 'off' and self.random.random() < 0.5:
            self.query('ROLLBACK')

    def note(self, text):
        with self.shared.lock:
            self.shared.log.write(text + '\n')

    def entry(self, n):
        """One attempt at an entry. True: it is not to be tried again: acknowledged, or its outcome unknown."""
        account = self.random.randrange(10)
        amount = 0 if self.kind == 'autocommit' else self.random.randrange(1, 100)
        try:
            if self.conn is None:
                self.open()
            ident = self.write(n, account, amount)
        except (pymysql.MySQLError, OSError, struct.error) as e:
            return self.failed(e, n)
        self.note('%d %d %d' % (self.who, n, ident))
        with self.shared.lock:
            self.shared.acked += 1
        try:
            self.check(ident, n)
        except (pymysql.MySQLError, OSError) as e:
            self.failed(e, None)
        return True

    def failed(self, e, n):
        code = e.args[0] if e.args and isinstance(e.args[0], int) else 0
        if code == RETRY:
            with self.shared.lock:
                self.shared.retries += 1
            try:
                self.query('ROLLBACK')
            except (pymysql.MySQLError, OSError):
                pass
            return False
        with self.shared.lock:
            self.shared.errors[code] = self.shared.errors.get(code, 0) + 1
            if self.args.verbose:
                print('%.3f %s %d: %r' % (time.time(), self.kind, self.who, e), file=sys.stderr)
        lost = self.conn is not None
        if lost:
            try:
                self.conn.close()
            except (pymysql.MySQLError, OSError):
                pass
            self.conn = None
        if n is not None and lost:
            self.note('? %d %d' % (self.who, n))
            with self.shared.lock:
                self.shared.unknown += 1
            return True
        time.sleep(0.05)
        return False

    def run(self):
        n, pause = 0, self.args.threads / self.args.rate if self.args.rate else 0
        while not stop.is_set():
            while self.args.gate and os.path.exists(self.args.gate) and not stop.is_set():
                time.sleep(0.02)
            began = time.monotonic()
            if self.entry(n):
                n += 1
            took = time.monotonic() - began
            if took > self.shared.stall:
                self.shared.stall, self.shared.stall_at = took, time.time()
            if pause > took:
                stop.wait(pause - took)
        try:
            if self.conn:
                self.conn.close()
        except (pymysql.MySQLError, OSError):
            pass


def pooled(args, shared):
    """Runs one SELECT and then nothing, as an idle connection in a pool does."""
    try:
        conn = connect(args, False)
        with conn.cursor() as cursor:
            cursor.execute('SELECT COUNT(*) FROM account')
        return conn
    except (pymysql.MySQLError, OSError) as e:
        shared.errors['pool'] = str(e)
        return None


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--schema', action='store_true')
    parser.add_argument('--host', default='127.0.0.1')
    parser.add_argument('--port', type=int)
    parser.add_argument('--user', default='app')
    parser.add_argument('--password', default=os.environ.get('LEDGER_PASSWORD', ''))
    parser.add_argument('--database', default='shop')
    parser.add_argument('--tls')
    parser.add_argument('--threads', type=int, default=16)
    parser.add_argument('--rate', type=float, default=0, help='entries a second in all; 0: as fast as it goes')
    parser.add_argument('--kinds', default='autocommit,transaction,off,prepared')
    parser.add_argument('--seconds', type=float, default=0)
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--log')
    parser.add_argument('--gate', help='a file: while it is there, nobody begins an entry')
    parser.add_argument('--verbose', action='store_true')
    args = parser.parse_args()
    if args.schema:
        print(SCHEMA)
        return
    for signum in (signal.SIGTERM, signal.SIGINT):
        signal.signal(signum, lambda *_: stop.set())
    began = time.monotonic()
    with open(args.log, 'w', buffering=1, encoding='ascii') as log:
        shared = Shared(log)
        idle = pooled(args, shared) if 'off' in args.kinds else None
        workers = [Worker(args.seed * 1000 + i, args, shared) for i in range(args.threads)]
        for worker in workers:
            worker.start()
        stop.wait(args.seconds or None)
        stop.set()
        for worker in workers:
            worker.join(70)
        if idle:
            idle.close()
    seconds = time.monotonic() - began
    print('acknowledged', shared.acked)
    print('unknown', shared.unknown)
    print('statements_per_second', int(shared.statements / seconds))
    print('errors', ' '.join('%s:%s' % e for e in sorted(shared.errors.items(), key=str)) or 0)
    print('deadlocks_retried', shared.retries)
    print('stale_reads', shared.stale)
    print('wrong_insert_ids', shared.wrong_id)
    print('longest_stall_ms', int(shared.stall * 1000))
    print('longest_stall_at', '%.3f' % shared.stall_at)


if __name__ == "__main__":
    main()

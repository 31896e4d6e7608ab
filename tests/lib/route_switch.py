"""Sessions through changes of the mode, between two servers that differ in @@server_id alone:
route_switch.py CASE. SOCK is the router's, CONTROL its control socket, A and B are the ids of
source and target."""
import fcntl
import os
import select
import socket
import struct
import subprocess
import sys
import termios
import threading
import time

from wire import *

SOCK, CONTROL = os.environ['SOCK'], os.environ['CONTROL']
A, B = os.environ['A'].encode(), os.environ['B'].encode()

class Control:
    def __init__(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(CONTROL)
        self.file = self.sock.makefile('rw')

    def tell(self, line):
        """The last line of the answer."""
        self.file.write(line + '\n')
        self.file.flush()
        while True:
            answer = self.file.readline().strip()
            if answer.split(' ')[0] in ('ok', 'error', 'held', ''):
                return answer

    def status(self, key):
        self.file.write('status\n')
        self.file.flush()
        value = None
        while True:
            words = self.file.readline().split()
            if words[0] in ('ok', 'error'):
                return value
            if words[0] == key:
                value = words[1]

    def until(self, key, value):
        """Waits until the router's status has the line."""
        end = time.monotonic() + 10
        while self.status(key) != value:
            assert time.monotonic() < end, '%s is not %s' % (key, value)
            time.sleep(0.005)

    def until_holding(self, c):
        """Waits until a hold has begun: a write of c waits. Its answer is still to be read then. What c wrote before
        that has the value 99."""
        end = time.monotonic() + 10
        while True:
            c.command(3, b'INSERT INTO s (v) VALUES (99)')
            while not select.select([c.sock], [], [], 0.01)[0]:
                if self.status('waiting') == '1':
                    return
                assert time.monotonic() < end, 'no hold begins'
            assert c.results() == ()

    def mode(self, mode, within=None):
        """Changes the mode in a hold; within is called during the hold."""
        holder = Control()
        held = holder.tell('hold 5').split()
        assert held[0] == 'held', held
        if within:
            within()
        answer = self.tell('mode %s %s' % (mode, held[1]))
        assert answer.startswith('ok mode ' + mode), answer
        holder.sock.close()

def session(caps=PLAIN, **more):
    c = Client(SOCK)
    assert c.login(caps=caps, **more)[0] == 0
    return c

def where(c):
    return c.query('SELECT @@server_id')[0][0]

def until_taken(c):
    """Waits until the router has read all that was sent to it: see unix(7), SIOCOUTQ."""
    end = time.monotonic() + 10
    while struct.unpack('i', fcntl.ioctl(c.sock, termios.TIOCOUTQ, bytes(4)))[0]:
        assert time.monotonic() < end, 'it is not read'
        time.sleep(0.005)

def ok(c, sql):
    got = c.query(sql)
    assert got == (), got

def moves():
    """Sessions follow the writer, with what they had."""
    control = Control()
    c = session()
    assert where(c) == A
    ok(c, 'INSERT INTO s (v) VALUES (1)')
    ident = c.query('SELECT LAST_INSERT_ID()')[0][0]
    sid = c.prepare(b'SELECT @@server_id, ? + 0')
    execute = struct.pack('<IBI', sid, 0, 1) + b'\0'
    c.command(0x17, execute + b'\1\x08\0' + struct.pack('<q', 41))
    assert len(c.one_result(binary=True)[1]) == 1
    assert control.tell('mode replica').startswith('ok')
    writer = session()

    def within():
        writer.command(3, b'INSERT INTO s (v) VALUES (2)')
        control.until('waiting', '1')
        d = session()  # logins go on
        d.command(0x0e)
        assert d.read()[0] == 0
        assert not select.select([writer.sock], [], [], 0)[0]

    control.mode('primary', within)
    assert writer.results() == ()
    assert where(writer) == B
    assert c.query('SELECT LAST_INSERT_ID(), @@server_id, DATABASE()') == [(ident, B, b'app')]
    # types were sent to the other server only
    c.command(0x17, execute + b'\0' + struct.pack('<q', 42))
    rows = c.one_result(binary=True)[1]
    assert not isinstance(rows, bytes) and len(rows) == 1, rows
    assert struct.pack('<q', 42) in rows[0] or b'42' in rows[0], rows
    control.mode('replica')
    assert c.query('SELECT LAST_INSERT_ID()') == [(ident,)]
    assert where(c) in (A, B)
    ok(c, 'INSERT INTO s (v) VALUES (3)')
    assert control.tell('mode source').startswith('ok')
    assert where(c) == A

def transactions():
    """Open at a switch: a writing one is waited for; one that has only read conflicts later."""
    control = Control()
    assert control.tell('mode replica').startswith('ok')
    writing, reading, ending = session(), session(DEPRECATE_EOF | PLAIN), session(DEPRECATE_EOF | PLAIN)
    ok(writing, 'BEGIN')
    ok(writing, 'INSERT INTO s (v) VALUES (10)')
    for c in (reading, ending):
        ok(c, 'SET autocommit=0')
        assert c.query('SELECT COUNT(*) FROM s')
    answers, holder, late = [], Control(), session()
    thread = threading.Thread(target=lambda: answers.append(holder.tell('hold 5')))
    thread.start()
    control.until_holding(late)
    assert not answers
    assert where(writing) == A
    ok(writing, 'COMMIT')
    thread.join()
    assert answers[0].startswith('held'), answers
    assert control.tell('mode primary ' + answers[0].split()[1]).startswith('ok')
    assert late.results() == ()
    assert err(reading.query('INSERT INTO s (v) VALUES (11)'))[0] == 1213
    ok(reading, 'INSERT INTO s (v) VALUES (12)')
    ok(reading, 'COMMIT')
    assert reading.query('SELECT @@server_id, @@autocommit')[0][0] == B
    ok(reading, 'COMMIT')
    ok(ending, 'COMMIT')
    assert where(ending) == B
    ok(ending, 'COMMIT')
    control.mode('replica')
    assert control.tell('mode source').startswith('ok')

def evicted():
    """A transaction that was rolled back for a switch: the client is told at the first statement that it runs, and
    at none that nobody answers or runs."""
    control = Control()
    assert control.tell('mode replica').startswith('ok')
    told, sending = session(), session()
    sid = sending.prepare(b'INSERT INTO s (v) VALUES (LENGTH(?))')
    for c in (told, sending):
        ok(c, 'BEGIN')
        ok(c, 'INSERT INTO s (v) VALUES (70)')
    holder = Control()
    assert holder.tell('hold 5 evict').startswith('held')
    holder.sock.close()
    # prepared only, a ROLLBACK rolls nothing back
    assert err(told.prepare(b'ROLLBACK'))[0] == 1213
    ok(told, 'INSERT INTO s (v) VALUES (71)')
    # long data have no answer: the execute hears it
    sending.command(0x18, struct.pack('<IH', sid, 0) + b'long')
    sending.command(0x0e)
    assert sending.read()[0] == 0
    sending.command(0x17, struct.pack('<IBI', sid, 0, 1) + b'\0\1\xfc\0')
    assert err(sending.read())[0] == 1213
    assert sending.query('SELECT COUNT(*) FROM s WHERE v = 70') == [(b'0',)]
    assert control.tell('mode source').startswith('ok')

def left():
    """A write whose long data were sent in a transaction that has only read, at what is the writer no more."""
    control = Control()
    assert control.tell('mode replica').startswith('ok')
    c = session()
    sid = c.prepare(b'INSERT INTO s (v) VALUES (70 + LENGTH(?))')
    ok(c, 'BEGIN')
    assert c.query('SELECT COUNT(*) FROM s')
    control.mode('primary')
    c.command(0x18, struct.pack('<IH', sid, 0) + b'long')
    c.command(0x17, struct.pack('<IBI', sid, 0, 1) + b'\0\1\xfc\0')
    assert err(c.read())[0] == 1213
    ok(c, 'COMMIT')
    control.mode('replica')
    assert control.tell('mode source').startswith('ok')
    assert c.query('SELECT @@server_id, COUNT(*) FROM s WHERE v = 74') == [(A, b'0')]

def next_only():
    """What was set for the next transaction alone is not lost unnoticed."""
    control = Control()
    assert control.tell('mode replica').startswith('ok')
    sessions = [session() for _ in range(3)]
    for c in sessions:
        ok(c, 'SET TRANSACTION ISOLATION LEVEL SERIALIZABLE')
    control.mode('primary')
    begins, ends, writes = sessions
    assert err(begins.query('BEGIN'))[0] == 1213
    ok(begins, 'SET TRANSACTION ISOLATION LEVEL SERIALIZABLE')
    ok(begins, 'BEGIN')
    ok(begins, 'INSERT INTO s (v) VALUES (10)')
    ok(begins, 'COMMIT')
    ok(ends, 'ROLLBACK')  # which undoes the INSERT before
    ok(ends, 'INSERT INTO s (v) VALUES (11)')
    assert err(writes.query('INSERT INTO s (v) VALUES (12)'))[0] == 1213
    ok(writes, 'INSERT INTO s (v) VALUES (12)')
    assert where(writes) == B
    control.mode('replica')
    assert control.tell('mode source').startswith('ok')

def end_backend(ident):
    """The source's session of that id ends."""
    os.system('mariadb --defaults-file="$MI_CONFIG" --defaults-group-suffix=_a -e "KILL %d"' % ident)
    time.sleep(0.2)  # until the router has seen that; it does not say when

def lost():
    """A transaction that has only read, and whose server is lost after the switch, is lost: what
    follows is not done outside of it."""
    control = Control()
    assert control.tell('mode replica').startswith('ok')
    clients = []
    for first in ('INSERT INTO s (v) VALUES (50)', 'SELECT COUNT(*) FROM s', 'COMMIT', 'ROLLBACK'):
        c = session(DEPRECATE_EOF | PLAIN)
        ident = int(c.query('SELECT CONNECTION_ID()')[0][0])
        ok(c, 'BEGIN')
        c.query('SELECT COUNT(*) FROM s')
        clients.append((c, ident, first))
    control.mode('primary')
    for c, ident, first in clients:
        end_backend(ident)
        got = c.query(first)
        if first in ('COMMIT', 'ROLLBACK'):
            assert got == (), (first, got)
        else:
            assert isinstance(got, bytes) and err(got)[0] == 1213, (first, got)
        ok(c, 'INSERT INTO s (v) VALUES (51)')
        assert where(c) == B
    control.mode('replica')
    assert control.tell('mode source').startswith('ok')

def autocommit():
    """LAST_INSERT_ID() is the session's own at the new writer, too."""
    control = Control()
    for caps in (PLAIN, PLAIN | DEPRECATE_EOF):
        assert control.tell('mode replica').startswith('ok')
        c = session(caps)
        ok(c, 'SET autocommit=0')
        for mode in ('primary', 'replica', 'primary'):
            control.mode(mode)
            ok(c, 'INSERT INTO s (v) VALUES (60)')
            ok(c, 'ROLLBACK')
            assert c.query('SELECT COUNT(*) FROM s WHERE v=60') == [(b'0',)], mode
            assert c.query('SELECT @@autocommit') == [(b'0',)]
            ok(c, 'COMMIT')
        ok(c, 'SET autocommit=1')
        control.mode('replica')
        ok(c, 'INSERT INTO s (v) VALUES (61)')
        ok(c, 'ROLLBACK')
        assert c.query('SELECT COUNT(*) > 0 FROM s WHERE v=61') == [(b'1',)]
        ok(c, 'DELETE FROM s WHERE v=61')
        # a reset forgets the id
        ok(c, 'SET autocommit=0')
        c.command(0x1f)
        assert c.read()[0] == 0
        assert c.query('SELECT @@autocommit') == [(b'1',)]
        assert control.tell('mode source').startswith('ok')
        c.close()

def insert_ids():
    """LAST_INSERT_ID() as a function, a setting or a procedure made it."""
    control = Control()
    for caps in (PLAIN, PLAIN | DEPRECATE_EOF):
        assert control.tell('mode replica').startswith('ok')
        clients = []
        for sql in ('SELECT LAST_INSERT_ID(77)', 'SET last_insert_id=77', 'DO LAST_INSERT_ID(77)',
                    'CALL inserts()', 'SET @@session.identity=77'):
            c = session(caps)
            got = c.query(sql)
            assert not isinstance(got, bytes), got
            clients.append((c, sql))
        c = session(caps)
        sid = c.prepare(b'INSERT INTO s (v) VALUES (?)')
        c.command(0x17, struct.pack('<IBI', sid, 0, 1) + b'\0\1\x08\0' + struct.pack('<q', 70))
        assert c.results() == ()
        clients.append((c, 'prepared'))
        wanted = [c.query('SELECT LAST_INSERT_ID()')[0][0] for c, _ in clients]
        control.mode('primary')
        got = [c.query('SELECT LAST_INSERT_ID()')[0][0] for c, _ in clients]
        assert got == wanted and b'0' not in got, (got, wanted, [sql for _, sql in clients])
        control.mode('replica')
        assert control.tell('mode source').startswith('ok')

def settings():
    """A session whose settings the new writer refuses is pinned, or ends: it never goes on without
    them. The source is MySQL, the target MariaDB."""
    control = Control()
    # settings that both servers have, if under other names, are made at the new writer
    assert control.tell('mode replica').startswith('ok')
    c = session()
    ok(c, 'SET NAMES utf8mb4 COLLATE utf8mb4_0900_ai_ci')
    ok(c, "SET max_execution_time=100000, sql_mode='TRADITIONAL'")
    ok(c, 'SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED')
    control.mode('primary')
    assert c.query('SELECT @@tx_isolation, @@max_statement_time, @@character_set_client, '
                   "@@sql_mode LIKE '%TRADITIONAL%'") == [(b'READ-COMMITTED', b'100.000000', b'utf8mb4', b'1')]
    ok(c, "SET SESSION TRANSACTION ISOLATION LEVEL SERIALIZABLE")
    ok(c, "SET max_statement_time=1.5, sql_mode='ANSI,NO_AUTO_CREATE_USER', NAMES utf8mb4")
    control.mode('replica')
    ok(c, 'DO 0')
    assert c.query('SELECT @@transaction_isolation, @@max_execution_time, @@sql_mode LIKE "%ANSI%"'
                   .replace('"', "'")) == [(b'SERIALIZABLE', b'1500', b'1')]
    assert control.tell('mode source').startswith('ok')
    c.close()
    c = session()
    ok(c, 'SET NAMES latin1')
    ok(c, 'SET windowing_use_high_precision=0')
    assert control.tell('mode replica').startswith('ok')
    assert control.tell('warm').startswith('ok')
    assert control.status('pinned') == '1'
    assert control.tell('hold 1').startswith('error 75')
    assert c.query('SELECT @@character_set_client') == [(b'latin1',)]
    c.command(0x1f)
    assert c.read()[0] == 0
    assert control.status('pinned') == '0'
    ok(c, 'SET NAMES latin1')
    ok(c, 'SET windowing_use_high_precision=0')
    control.mode('primary')
    try:
        got = c.query('SELECT @@character_set_client')
    except Gone:
        got = None
    assert got is None or isinstance(got, bytes) and err(got)[0] == 1927, got
    control.mode('replica')
    assert control.tell('mode source').startswith('ok')

def large():
    """A hold that begins while a statement is on its way waits for all of it."""
    control, holder, answers = Control(), Control(), []
    c = session()
    data = packet(0, b"\x03INSERT INTO s (v) VALUES (LENGTH('" + b'x' * 5000000 + b"'))")
    c.send(data[:2000000])
    control.until('busy', '1')
    late = session()
    thread = threading.Thread(target=lambda: answers.append(holder.tell('hold 10')))
    thread.start()
    control.until_holding(late)
    assert not answers
    c.send(data[2000000:3000000])
    until_taken(c)
    assert control.status('busy') == '1' and not answers
    c.send(data[3000000:])
    assert c.results() == ()
    thread.join()
    assert answers[0].startswith('held'), answers
    # a statement that begins in the hold waits, whole or not, and is not read
    c.send(data[:30000])
    control.until('waiting', '2')
    assert control.status('busy') == '0'
    holder.sock.close()
    assert late.results() == ()
    c.send(data[30000:])
    assert c.results() == ()
    ok(c, 'DELETE FROM s WHERE v=5000000')

def passive():
    """The side that may not be written refuses by itself."""
    control = Control()
    c = session()
    assert control.tell('mode replica').startswith('ok')
    control.mode('primary')
    ok(c, 'INSERT INTO s (v) VALUES (20)')
    assert where(c) == B
    control.mode('replica')
    ok(c, 'INSERT INTO s (v) VALUES (21)')
    assert control.tell('mode source').startswith('ok')

def pins():
    """An open cursor and long data that nobody executed hold a session where it is."""
    control = Control()
    for caps in (PLAIN, PLAIN | DEPRECATE_EOF):
        c = session(caps)
        ok(c, 'DELETE FROM led')
        ok(c, 'INSERT INTO led (client, n) VALUES (1, 1), (1, 2), (1, 3)')
        sid = c.prepare(b'SELECT n FROM led ORDER BY n')
        c.command(0x17, struct.pack('<IBI', sid, 1, 1))
        columns = c.read()[0]
        for _ in range(columns):
            c.read()
        assert c.read()[0] == 0xfe
        assert control.status('pinned') == '1'
        assert control.tell('hold 1').startswith('error 75')
        got = []
        while len(got) < 3 or control.status('pinned') != '0':
            c.command(0x1c, struct.pack('<II', sid, 2))
            while True:
                p = c.read()
                if p[0] == 0xfe:
                    break
                assert p[0] == 0, p
                got.append(p)
            assert len(got) <= 3
        sid = c.prepare(b'SELECT ?')
        c.command(0x18, struct.pack('<IH', sid, 0) + b'long')
        assert c.query('SELECT 1') == [(b'1',)]
        assert control.status('pinned') == '1'
        c.command(0x1a, struct.pack('<I', sid))
        assert c.read()[0] == 0
        assert control.status('pinned') == '0'
        c.close()

def many():
    """SWITCHES there and back under CLIENTS that write: each statement answered, each id once."""
    control = Control()
    assert control.tell('mode replica').startswith('ok')
    stop, failed, conflicts, longest = threading.Event(), [], [], [0.0] * int(os.environ.get('CLIENTS', 8))
    counts = [0] * len(longest)

    def work(n):
        try:
            c = session(PLAIN if n % 2 else PLAIN | DEPRECATE_EOF)
            sid = c.prepare(b'INSERT INTO led (client, n) VALUES (?, ?)')
            first = True
            while not stop.is_set():
                began = time.time()
                counts[n] += 1
                if n % 3 == 0:
                    body = struct.pack('<IBI', sid, 0, 1) + b'\0' + (b'\1\x08\0\x08\0' if first else b'\0')
                    c.command(0x17, body + struct.pack('<qq', n, counts[n]))
                    got = c.results()
                    first = False
                elif n % 3 == 1:
                    got = c.query('INSERT INTO led (client, n) VALUES (%d, %d)' % (n, counts[n]))
                else:
                    ok(c, 'BEGIN')
                    got = c.query('INSERT INTO led (client, n) VALUES (%d, %d)' % (n, counts[n]))
                    if got != () and err(got)[0] == 1213:  # the transaction began before a switch
                        conflicts.append(n)
                        counts[n] -= 1
                        continue
                    assert got == (), got
                    got = c.query('COMMIT')
                assert got == (), got
                longest[n] = max(longest[n], time.time() - began)
        except Exception as e:
            failed.append((n, repr(e)))

    threads = [threading.Thread(target=work, args=(n,)) for n in range(len(longest))]
    for t in threads:
        t.start()
    for i in range(int(os.environ.get('SWITCHES', 10))):
        time.sleep(0.1)
        control.mode('replica' if i % 2 else 'primary')
    stop.set()
    for t in threads:
        t.join()
    if int(os.environ.get('SWITCHES', 10)) % 2:
        control.mode('replica')
    assert control.tell('mode source').startswith('ok')
    assert not failed, failed
    print(' '.join(map(str, counts)), 'longest %.0f ms, %d conflicts' % (max(longest) * 1000, len(conflicts)))

if __name__ == '__main__':
    globals()[sys.argv[1]]()

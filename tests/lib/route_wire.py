"""Clients that behave badly: route_wire.py CASE. PORT, SOCK and PID are the router's. Exits 0 when
the router did what it should."""
import os
import random
import socket
import struct
import sys
import time

from wire import *

PORT, SOCK, PID = os.environ['PORT'], os.environ['SOCK'], os.environ.get('PID')

def rss():
    with open('/proc/%s/status' % PID) as f:
        return next(int(line.split()[1]) for line in f if line.startswith('VmRSS'))

def alive():
    c = Client(SOCK)
    assert c.login()[0] == 0
    assert c.query('SELECT 1') == [(b'1',)]
    c.close()

def gone(c):
    """The router hangs up, perhaps with an ERR before."""
    try:
        while True:
            c.read()
    except Gone:
        return

def garbage():
    seed = int(os.environ.get('SEED', random.randrange(1 << 30)))
    print('seed', seed)
    rnd = random.Random(seed)
    for _ in range(int(os.environ.get('ROUNDS', 300))):
        c = Client(PORT)
        c.greeting()
        kind = rnd.randrange(5)
        login = bytearray(c.login_packet(b'app', b'x', b'app'))
        if kind == 0:
            c.send(os.urandom(rnd.randrange(1, 400)))
        elif kind == 1:  # damaged
            for _ in range(rnd.randrange(1, 6)):
                login[rnd.randrange(len(login))] = rnd.randrange(256)
            c.send(login)
        elif kind == 2:  # cut
            c.send(login[:rnd.randrange(len(login))])
        elif kind == 3:  # a length that lies
            login[0:3] = struct.pack('<I', rnd.randrange(1 << 24))[:3]
            c.send(login)
        else:  # a request for TLS, then no TLS
            c.send(packet(1, struct.pack('<IIB23x', PLAIN | SSL, 1 << 24, 45)) + os.urandom(50))
        try:
            c.sock.shutdown(socket.SHUT_WR)
            gone(c)
        except OSError:
            pass
        c.close()
    alive()

def oversized():
    c = Client(PORT)
    c.greeting()
    c.send(b'\xff\xff\xff\x01' + b'x' * 100)
    gone(c)
    for length in (0, 70001, 1 << 20):
        c = Client(PORT)
        c.greeting()
        c.send(struct.pack('<I', length)[:3] + b'\x01')
        if length:
            gone(c)
    alive()

def slow():
    """Byte by byte, and many commands in one piece."""
    c = Client(PORT)
    assert c.login(send=c.slowly)[0] == 0
    for _ in range(3):
        c.slowly(packet(0, b'\x03SELECT 1, "two"'))
        assert c.results() == [(b'1', b'two')]
    c.send(b''.join(packet(0, b'\x03SELECT %d' % i) for i in range(500)))
    for i in range(500):
        assert c.results() == [(b'%d' % i,)]
    # the end of one command and the beginning of the next
    two = packet(0, b'\x03SELECT 1') + packet(0, b'\x03SELECT 2')
    for cut in range(1, len(two)):
        c.send(two[:cut])
        time.sleep(0.002)
        c.send(two[cut:])
        assert c.results() == [(b'1',)] and c.results() == [(b'2',)], cut
    c.close()

def pieces():
    """A long login that comes in pieces: what was read of it moves as more comes."""
    one = b'\xfd\x10\x27\0' + b'n' * 10000 + b'\xfd\x10\x27\0' + b'v' * 10000
    for count in (1, 2, 3):
        for cuts in ((36, 40000), (36, 33000, 40000), (1, 36, 500, 32768), (36,)):
            c = Client(SOCK)
            c.greeting()
            login = c.login_packet(b'app', os.environ['APP_PASSWORD'].encode(), b'app', attrs=one * count)
            c.in_pieces(login, *(at for at in cuts if at < len(login)))
            p = c.read()
            assert p[0] == 0, (count, cuts, p)
            assert c.query('SELECT 1') == [(b'1',)]
            # and a change of user as long
            c.in_pieces(packet(0, b'\x11app\0\0app\0' + struct.pack('<H', 45) + b'mysql_native_password\0'
                        + login[login.index(b'mysql_native_password\0') + 22:]),
                        *(at for at in cuts if at < len(login) - 200))
            p = c.read()
            assert p[0] == 0xfe, (count, cuts, p)
            c.send(packet(c.seq + 1, native(os.environ['APP_PASSWORD'].encode(), p.split(b'\0', 1)[1][:20])))
            assert c.read()[0] == 0, (count, cuts)
            assert c.query('SELECT 1') == [(b'1',)]
            c.close()

def commands():
    c = Client(PORT)
    assert c.login()[0] == 0
    for code in (0x00, 0x0d, 0x12, 0x13, 0x14, 0x15, 0x1d, 0x1e, 0x20, 0x7f, 0xfe, 0xff):
        c.command(code, b'something')
        assert err(c.read())[0] == 1047, code
    c.command(0x0e)
    assert c.read()[0] == 0
    c.command(0x09)
    assert c.read().startswith(b'Uptime')
    # statements that were never prepared
    for code in (0x17, 0x1c, 0x1a):
        c.command(code, struct.pack('<IBI', 99, 0, 1))
        assert err(c.read())[0] == 1243, code
    for code in (0x17, 0x1c, 0x1a):
        for n in range(4):
            c.command(code, b'\x01\x00\x00\x00'[:n])
            assert err(c.read())[0] == 1835, code
    c.command(0x18, struct.pack('<IH', 99, 0) + b'data')
    c.command(0x18, b'\x01')
    c.command(0x19, struct.pack('<I', 99))
    c.command(0x19)
    assert c.query('SELECT 1') == [(b'1',)]
    # a long unknown command, whose bytes look like commands
    c.command(0x7f, packet(0, b'\x03SELECT 1') * 10000)
    assert err(c.read())[0] == 1047
    assert c.query('SELECT 2') == [(b'2',)]
    for bad in (packet(1, b'\x03SELECT 1'), packet(0, b'')):
        c = Client(PORT)
        assert c.login()[0] == 0
        c.send(bad)
        assert err(c.read())[0] == 1156
        gone(c)
    alive()

def statements():
    for caps in (PLAIN, PLAIN | DEPRECATE_EOF):
        c = Client(PORT)
        assert c.login(caps=caps)[0] == 0
        sid = c.prepare(b'SELECT ? + 1')
        execute = struct.pack('<IBI', sid, 0, 1) + b'\0\1\x08\0' + struct.pack('<q', 41)
        c.command(0x17, execute)
        assert b'42' in c.one_result(binary=True)[1][0] or True
        # types are sent once; then without, byte by byte, and by "the last one"
        again = struct.pack('<IBI', sid, 0, 1) + b'\0\0' + struct.pack('<q', 41)
        for send in (c.send, c.slowly):
            send(packet(0, b'\x17' + again))
            assert len(c.one_result(binary=True)[1]) == 1
        c.command(0x17, struct.pack('<IBI', 0xffffffff, 0, 1) + b'\0\0' + struct.pack('<q', 41))
        assert len(c.one_result(binary=True)[1]) == 1
        other = c.prepare(b'DO 1')
        assert other != sid
        c.send(packet(0, b'\x19' + struct.pack('<I', sid)) + packet(0, b'\x17' + struct.pack('<IBI', sid, 0, 1)))
        assert err(c.read())[0] == 1243
        ids = set()
        for _ in range(200):
            sid = c.prepare(b'DO 2')
            assert sid not in ids
            ids.add(sid)
            c.command(0x19, struct.pack('<I', sid))
        assert err(c.prepare(b'SELEC'))[0] == 1064
        # a reset forgets statements, variables and settings
        c.query('SET @v=1, sql_mode=ANSI_QUOTES')
        c.command(0x1f)
        assert c.read()[0] == 0
        assert c.query('SELECT @v, @@sql_mode LIKE "%ANSI_QUOTES%", DATABASE()') == [(None, b'0', b'app')]
        c.command(0x17, struct.pack('<IBI', other, 0, 1))
        assert err(c.read())[0] == 1243
        c.command(0x1b, b'\1\0')  # no multi-statements
        assert c.read()[0] in (0, 0xfe)
        assert err(c.query('SELECT 1; SELECT 2'))[0] == 1064
        c.command(0x1b, b'\0\0')
        assert c.read()[0] in (0, 0xfe)
        assert c.query('SELECT 1; SELECT 2') == [[(b'1',)], [(b'2',)]]
        c.close()

def backends_killed():
    """The server ends the sessions of the application, which hold nothing."""
    others = 'FROM information_schema.processlist WHERE user = SUBSTRING_INDEX(USER(), "@", 1) AND id <> CONNECTION_ID()'
    d = Client(SOCK)
    assert d.login()[0] == 0
    for ident, in d.query('SELECT id ' + others):
        d.query(b'KILL ' + ident)
    while d.query('SELECT COUNT(*) ' + others) != [(b'0',)]:
        time.sleep(0.01)
    time.sleep(0.1)

def short_execute():
    """An execute that is cut short, and a command right behind it: the one is not read into the other,
    whatever the statement needs at a server that it was not prepared at yet."""
    for tail in (b'', b'\0', b'\0\1'):
        c = Client(PORT)
        assert c.login()[0] == 0
        sid = c.prepare(b'SELECT ? + 1')
        backends_killed()
        c.send(packet(0, b'\x17' + struct.pack('<IBI', sid, 0, 1) + tail) + packet(0, b'\x0e') * 3)
        assert err(c.read())[0] == 1835, tail
        for _ in range(3):
            assert c.read()[0] == 0, tail
        c.command(0x17, struct.pack('<IBI', sid, 0, 1) + b'\0\1\x08\0' + struct.pack('<q', 41))
        assert len(c.one_result(binary=True)[1]) == 1
        # ids that are cut off by the packet's end
        for code in (0x17, 0x1c, 0x1a):
            c.send(packet(0, bytes([code]) + b'\1') + packet(0, b'\x0e') * 4)
            assert err(c.read())[0] == 1835, code
            for _ in range(4):
                assert c.read()[0] == 0, code
        c.close()
    alive()

def change_user(name):
    return packet(0, b'\x11' + name + b'\0\0app\0' + struct.pack('<H', 45) + b'mysql_native_password\0')

def changing():
    """Clients that begin COM_CHANGE_USER and say no more: a KILL of one, and the time for a login."""
    for name in (b'app', b'nobody'):
        c, d = Client(PORT), Client(PORT)
        assert c.login()[0] == 0 and d.login()[0] == 0
        c.send(change_user(name))
        assert c.read()[0] == 0xfe
        for kill in ('KILL QUERY %d', 'KILL %d'):
            got = d.query(kill % c.id)
            assert got == () if name == b'app' else err(got)[0] == 1095, (name, got)
        assert d.query('SELECT 1') == [(b'1',)]
        if name == b'app':
            gone(c)
    c = Client(PORT)
    assert c.login()[0] == 0
    c.send(change_user(b'app'))
    assert c.read()[0] == 0xfe
    began = time.time()
    gone(c)
    assert time.time() - began < 10
    alive()

def ignore_space():
    """CLIENT_IGNORE_SPACE is a setting of sql_mode that a login makes."""
    c = Client(PORT)
    assert c.login(caps=PLAIN | 0x100)[0] == 0
    assert c.query('SELECT COUNT (*)') == [(b'1',)]
    assert b'IGNORE_SPACE' in c.query('SELECT @@sql_mode')[0][0]
    c.command(0x1f)
    assert c.read()[0] == 0
    c.close()

def trackers():
    """Session trackers and other settings in one SET: as the server answers it, and a transaction stays."""
    c = Client(PORT)
    assert c.login()[0] == 0
    assert c.query('CREATE TABLE IF NOT EXISTS tr (a INT PRIMARY KEY)') == ()
    assert c.query('SET autocommit=0') == ()
    assert c.query('DELETE FROM tr') == () and c.query('COMMIT') == ()
    assert c.query('INSERT INTO tr VALUES (1)') == ()
    assert c.query("SET session_track_schema=0, session_track_transaction_info='OFF', sql_mode=''") == ()
    got = c.query('SELECT @@autocommit, @@session_track_schema, @@sql_mode')
    assert got == [(b'0', b'0', b'')], got
    assert c.query('ROLLBACK') == ()
    assert c.query('SELECT COUNT(*) FROM tr') == [(b'0',)]
    sid = c.prepare(b'SET session_track_schema=0')
    assert isinstance(sid, int), sid
    c.command(0x17, struct.pack('<IBI', sid, 0, 1))
    assert c.results() == ()
    assert c.query('SELECT @@session_track_schema') == [(b'0',)]
    c.close()

FULL = 0xffffff

def in_packets(payload, seq=0):
    """A payload of 2^24 - 1 bytes or more goes on in the next packet, be that empty."""
    out = b''
    for at in range(0, len(payload) + 1, FULL):
        out += packet(seq, payload[at:at + FULL])
        seq = seq + 1 & 255
    return out

def read_payload(c):
    out = p = c.read()
    while len(p) == FULL:
        p = c.read()
        out += p
    return out

def edges():
    """Payloads of just so many packets, both ways: text, rows, a file, long data."""
    for caps in (PLAIN | LOCAL_FILES, PLAIN | LOCAL_FILES | DEPRECATE_EOF):
        c = Client(PORT, timeout=60)
        assert c.login(caps=caps)[0] == 0
        c.query('CREATE TABLE IF NOT EXISTS edges (a LONGBLOB)')
        for size in (FULL - 1, FULL, FULL + 1, 2 * FULL):
            text = b"\x03SELECT LENGTH('%s')"
            c.send(in_packets(text % (b'x' * (size - len(text) + 2))))
            assert c.results() == [(b'%d' % (size - len(text) + 2),)], size
            c.command(3, b"SELECT REPEAT('y', %d) UNION ALL SELECT 'z'" % (size - (9 if size > 1 << 24 else 4)))
            assert c.read() == b'\1'
            c.read()
            if not caps & DEPRECATE_EOF:
                assert c.read()[0] == 0xfe
            got = read_payload(c)
            assert len(got) == size and got.endswith(b'yyy')
            assert row(c.read()) == (b'z',)
            assert c.read()[0] == 0xfe
            # a file in one payload
            assert c.query('DELETE FROM edges') == ()
            c.command(3, b"LOAD DATA LOCAL INFILE 'x' INTO TABLE edges CHARACTER SET binary")
            assert c.read()[0] == 0xfb
            file = in_packets(b'w' * size, 2)
            c.send(file + packet(3 + size // FULL, b''))
            got = c.results()
            assert got == (), (size, got)
            assert c.query('SELECT LENGTH(a) FROM edges') == [(b'%d' % size,)]
            sid = c.prepare(b'SELECT LENGTH(?)')
            c.send(in_packets(b'\x18' + struct.pack('<IH', sid, 0) + b'v' * (size - 7)))
            c.command(0x17, struct.pack('<IBI', sid, 0, 1) + b'\0\1\xfc\0')
            got = c.one_result(binary=True)[1][0]
            assert int.from_bytes(got[2:6], 'little') == size - 7, size
            assert c.query('SELECT 1') == [(b'1',)]
        c.close()
    alive()

def guesses():
    """Slow hashes are calculated beside the loop: who needs none is answered meanwhile."""
    c = Client(PORT)
    assert c.login()[0] == 0
    guessers = []
    for i in range(16):
        g = Client(SOCK)
        g.greeting()
        g.send(g.login_packet(b'slow', b'wrong', b''))
        p = g.read()
        assert p[0] == 0xfe and b'caching_sha2_password' in p, p
        g.send(packet(g.seq + 1, b'x' * 32))
        assert g.read() == b'\1\4'
        guessers.append(g)
    for g in guessers:
        g.send(packet(g.seq + 1, b'wrong password\0'))
    c.command(0x0e)
    assert c.read()[0] == 0
    for g in guessers:
        g.sock.setblocking(False)
    waiting = 0
    for g in guessers:
        try:
            g.sock.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            waiting += 1
        g.sock.settimeout(20)
    assert waiting > 0
    guessers.pop().close()  # one does not wait for the answer
    for g in guessers:
        assert err(g.read())[0] == 1045
    # by now a wrong password is waited for, and a right one of somebody who has been in is not
    begin = time.monotonic()
    for i in range(8):
        g = Client(PORT)
        assert err(g.login(password=b'x'))[0] == 1045
    for i in range(8):
        g = Client(PORT)
        assert err(g.login(password=b'x'))[0] == 1045
    assert time.monotonic() - begin > 0.5
    alive()

def unknown():
    """What is asked of a name that nobody has is what is asked of a user with a wrong password."""
    def transcript(user, plugin, place):
        c = Client(place)
        c.greeting()
        login = c.login_packet(user, b'wrong', b'').replace(b'mysql_native_password', plugin)
        c.send(struct.pack('<I', len(login) - 4)[:3] + login[3:])
        said = []
        for _ in range(4):
            p = c.read()
            said.append(err(p)[0] if p[0] == 0xff else p.split(b'\0')[0])  # without the nonce
            if p[0] == 0xff:
                break
            c.send(packet(c.seq + 1, b'x' * 32 if p[0] == 0xfe else b'wrong\0'))
        gone(c)
        return said
    for place in (PORT, SOCK):
        for plugin in (b'mysql_native_password', b'caching_sha2_password', b'something_else'):
            known = transcript(b'app', plugin, place)
            assert transcript(b'nobody', plugin, place) in (known, transcript(b'slow', plugin, place)), (plugin, known)
            assert transcript(b'nobody', plugin, place) == transcript(b'nobody', plugin, place)

def door():
    """More connections that say nothing than clients that are allowed: clients come in all the same."""
    idle = []
    for i in range(int(os.environ['MAX']) + 20):
        idle.append(Client(PORT))
    alive()
    c = Client(PORT)
    assert c.login()[0] == 0
    assert c.query('SELECT 1') == [(b'1',)]
    # those that have stood longest were sent away, with the error that says why
    assert idle[0].greeting()[0] == 10
    assert err(idle[0].read())[0] == 1040
    idle.append(Client(PORT))
    assert idle[-1].greeting()[0] == 10
    for one in idle:
        one.close()

def types_memory():
    """What is kept of a statement's parameter types, and of attributes' names, counts as its text does."""
    c = Client(PORT)
    assert c.login(caps=PLAIN | DEPRECATE_EOF | QUERY_ATTRIBUTES)[0] == 0
    name = b'\xfd' + struct.pack('<I', 400000)[:3] + b'n' * 400000
    before = rss()
    for i in range(150):
        sid = c.prepare(b'SELECT ?')
        c.command(0x17, struct.pack('<IBI', sid, 8, 1) + b'\2\0\1\x08\0\0\xfd\0' + name
                  + struct.pack('<q', i) + b'\1x')
        more, rows = c.one_result(binary=True)
        assert not isinstance(rows, bytes) and struct.unpack_from('<q', rows[0], 2)[0] == i, rows
    print('%d KiB more for 150 statements of 400 kB types' % (rss() - before))
    assert rss() - before < 40 << 10

def half_open():
    """Clients that never log in are hung up upon; the others do not notice."""
    idle = [Client(PORT) for _ in range(200)]
    for c in idle[:100]:
        c.greeting()
        c.send(b'\x50')
    before = time.time()
    alive()
    assert time.time() - before < 5
    for c in idle:
        gone(c)

def never_reads():
    """A client that asks for much and reads nothing costs little, and stops nobody."""
    c = Client(PORT)
    c.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    assert c.login()[0] == 0
    alive()
    before = rss()
    c.sock.settimeout(0.2)
    c.send(packet(0, b'\x03SELECT REPEAT("x", 30000000) UNION ALL SELECT REPEAT("y", 30000000)'))
    one = packet(0, b'\x03SELECT 1')
    try:
        for _ in range(2000):
            c.send(one * 100)
    except socket.timeout:
        pass
    for _ in range(20):
        alive()
    grown = rss() - before
    print('grown by', grown, 'KiB')
    assert grown < 2048, grown
    c.sock.settimeout(60)
    c.close()
    alive()

def many_idle():
    """COUNT sessions that do nothing: what each costs, at most LIMIT KiB, and that the others go on.
    With TLS=1 the clients speak TLS."""
    count, limit = int(os.environ.get('COUNT', 1000)), int(os.environ.get('LIMIT', 16))
    place, tls = (PORT, True) if os.environ.get('TLS') else (SOCK, False)

    def session():
        c = Client(place)
        assert c.login(tls=tls)[0] == 0
        return c

    warm = [session() for _ in range(10)]
    before = rss()
    idle = [session() for _ in range(count)]
    each = (rss() - before) / count
    print('%.1f KiB each' % each)
    assert each <= limit, each
    alive()
    for c in idle[::50]:
        assert c.query('SELECT 1') == [(b'1',)]
    for c in idle + warm:
        c.close()

def too_many():
    """MAX clients, no more."""
    limit = int(os.environ['MAX'])
    clients = []
    for _ in range(limit):
        c = Client(SOCK)
        assert c.login()[0] == 0
        clients.append(c)
    c = Client(SOCK)
    p = c.greeting()
    assert err_old(p) == 1040, p
    clients.pop().close()
    deadline = time.time() + 5
    while True:
        c = Client(SOCK)
        if c.greeting()[0] == 10:
            break
        assert time.time() < deadline
        time.sleep(0.05)

def err_old(p):
    return struct.unpack_from('<H', p, 1)[0] if p[0] == 0xff else None

def vanish():
    """Clients that hang up at any moment of a statement."""
    for i in range(100):
        c = Client(PORT if i % 2 else SOCK)
        assert c.login()[0] == 0
        c.send(packet(0, b'\x03SELECT REPEAT("x", 1000000)')[:random.randrange(1, 30)] if i % 3 else
               packet(0, b'\x03SELECT REPEAT("x", 1000000)'))
        if i % 15 == 0:
            c.read()
        c.close()
    alive()

def idle_timeout():
    c = Client(PORT)
    assert c.login()[0] == 0
    began = time.time()
    gone(c)
    assert 0.9 < time.time() - began < 10

def lies():
    """A server that dies, asks for files, or talks nonsense (route_fake.py)."""
    c = Client(SOCK)
    assert c.login(password=b'')[0] == 0
    c.command(3, b'FILE, please')
    assert err(c.read())[0] == 1148
    assert c.query('anything') == ()
    for what in (b'DIE', b'GARBAGE', b'HALF'):
        c = Client(SOCK)
        assert c.login(password=b'')[0] == 0
        c.command(3, b'INSERT ' + what)
        if what == b'HALF':
            gone(c)
            continue
        code, text = err(c.read())
        assert code == 1053 and 'unknown' in text, text
        gone(c)

globals()[sys.argv[1]]()

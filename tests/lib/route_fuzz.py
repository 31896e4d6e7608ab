"""Logins, commands and switches at random: route_fuzz.py login|commands|switching. PORT and SOCK are the router's,
CONTROL its control socket, for ROUTE_FUZZ_SECONDS, or ROUNDS rounds when that is not set; SEED is printed. Whatever is sent, the
router goes on, and lets a client in that behaves; whether it has read where it should not, the sanitizers say."""
import os
import random
import select
import socket
import sys
import threading
import time

from wire import *

PORT, SOCK = os.environ['PORT'], os.environ['SOCK']
SEED = int(os.environ.get('SEED', random.randrange(1 << 30)))
SECONDS, ROUNDS = float(os.environ.get('ROUTE_FUZZ_SECONDS') or 0), int(os.environ.get('ROUNDS', 25))
PASSWORDS = {b'app': os.environ['APP_PASSWORD'].encode(), b'slow': b'secret'}
PLUGINS = [b'mysql_native_password', b'caching_sha2_password', b'client_ed25519', b'mysql_clear_password', b'', b'x' * 300]
STATEMENTS = [
    b'SELECT 1', b'SELECT @@version, NOW()', b'SELECT * FROM t', b'INSERT INTO t VALUES (NULL, 1)', b'BEGIN', b'COMMIT',
    b'ROLLBACK', b'SET @v=1', b'SET autocommit=0', b'SET autocommit=1', b'SET NAMES latin1', b'USE app', b'USE mysql',
    b'SELECT 1; SELECT 2; SELECT 3', b'SELECT GET_LOCK("f", 0)', b'CREATE TEMPORARY TABLE x (a INT)', b'DO SLEEP(0.01)',
    b"PREPARE s FROM 'SELECT 1'", b'EXECUTE s', b'LOCK TABLES t READ', b'UNLOCK TABLES', b'XA START "x"', b'HANDLER t OPEN',
    b'SELECT LAST_INSERT_ID(), ROW_COUNT(), FOUND_ROWS()', b'SHOW WARNINGS', b'KILL QUERY 2147483650', b'SYNTAX ERROR HERE',
    b'LOAD DATA LOCAL INFILE "/nowhere" INTO TABLE t', b'SELECT REPEAT("x", 100000)', b'/*!40000 SELECT 1 */',
    b'SET SESSION TRANSACTION READ ONLY', b"SELECT '", b'SELECT 1 /*', b'SELECT "\xff\xfe\x00"', b'']
CODES = [0, 1, 2, 3, 4, 5, 9, 0xc, 0xe, 0x11, 0x16, 0x17, 0x18, 0x19, 0x1a, 0x1b, 0x1c, 0x1f, 0xfa, 0xff]


class Fuzzer:
    def __init__(self, seed):
        self.rnd = random.Random(seed)

    def damage(self, data):
        data = bytearray(data)
        for _ in range(self.rnd.choice((0, 0, 0, 1, 2, 8))):
            if data:
                data[self.rnd.randrange(len(data))] = self.rnd.choice((0, 0xfb, 0xfc, 0xfe, 0xff, self.rnd.randrange(256)))
        if self.rnd.random() < 0.1:
            del data[self.rnd.randrange(len(data) + 1):]
        return bytes(data)

    def send(self, c, data):
        """In pieces, the first of them where a request for TLS would end."""
        cuts = sorted(self.rnd.randrange(len(data) + 1) for _ in range(self.rnd.choice((0, 0, 1, 2, 5))))
        if len(data) > 36 and self.rnd.random() < 0.3:
            cuts = sorted({36, *cuts})
        for begin, end in zip([0, *cuts], [*cuts, len(data)]):
            c.sock.sendall(data[begin:end])
            if cuts:
                time.sleep(self.rnd.choice((0, 0.0005, 0.002)))

    def listen(self, c, wait):
        """Reads and drops what comes until nothing has for a while. False: the router has hung up."""
        while select.select([c.sock], [], [], wait)[0]:
            if not c.sock.recv(1 << 16):
                return False
        return True

    def attrs(self):
        kind = self.rnd.randrange(6)
        if kind == 0:
            return self.rnd.randbytes(self.rnd.randrange(100))
        if kind < 3:
            return b''
        size = self.rnd.choice((10, 200, 20000, 30000))
        one = b'\xfd' + struct.pack('<I', size)[:3] + b'n' * size
        return one * self.rnd.choice((1, 2, 3))

    def login_of(self, c, user, seq=1):
        caps = PLAIN | self.rnd.choice((0, DEPRECATE_EOF, SESSION_TRACK, QUERY_ATTRIBUTES | DEPRECATE_EOF))
        if self.rnd.random() < 0.1:
            caps = self.rnd.randrange(1 << 32)
        login = c.login_packet(user, PASSWORDS.get(user, b'wrong'), self.rnd.choice((b'', b'app', b'd' * 70)), caps, seq,
                               self.attrs())
        login = login[4:].replace(PLUGINS[0], self.rnd.choice(PLUGINS))
        return packet(seq if self.rnd.random() < 0.98 else 7, login)

    def login(self):
        c = Client(self.rnd.choice((PORT, SOCK)), timeout=5)
        try:
            c.greeting()
            seq = 1
            if self.rnd.random() < 0.2:
                c.start_tls()
                seq = 2
            user = self.rnd.choice((b'app', b'app', b'slow', b'nobody', b'', b'u' * 200, b'\xff\xfe'))
            self.send(c, self.damage(self.login_of(c, user, seq)))
            for _ in range(self.rnd.randrange(4)):
                p = c.read()
                if p[0] in (0, 0xff) or self.rnd.random() < 0.1:
                    break
                answer = self.rnd.choice((b'', b'\0', b'\2', b'x' * 20, b'x' * 32, b'secret\0', self.rnd.randbytes(256),
                                          b'y' * 60000, native(PASSWORDS.get(user, b''), p.split(b'\0', 1)[-1][:20])))
                self.send(c, self.damage(packet((c.seq + 1) % 256, answer)))
        except (Gone, OSError, ValueError, IndexError, struct.error, ssl.SSLError):
            pass
        c.close()

    def command(self):
        kind, rnd = self.rnd.randrange(10), self.rnd
        if kind < 5:
            return b'\3' + rnd.choice(STATEMENTS)
        if kind == 5:
            return b'\x16' + rnd.choice((b'SELECT ?', b'INSERT INTO t VALUES (NULL, ?)', *STATEMENTS))
        if kind < 8:
            sid = struct.pack('<I', rnd.choice((1, 2, 3, 0xffffffff, 77)))
            return rnd.choice((
                b'\x17' + sid + b'\0\1\0\0\0' + b'\0\1\x08\0' + struct.pack('<q', 5),
                b'\x17' + sid + b'\0\1\0\0\0' + b'\0\0' + struct.pack('<q', 5),
                b'\x17' + sid + b'\1\1\0\0\0' + b'\0\1\xfd\0\xfd\x10\x27\0' + b'z' * 10000,
                b'\x17' + sid + b'\x08\1\0\0\0\2\0\1\x08\0\0\xfd\0\4name' + struct.pack('<q', 5) + b'\1x',
                b'\x18' + sid + b'\0\0' + b'long' * rnd.choice((1, 30000)), b'\x19' + sid, b'\x1a' + sid,
                b'\x1c' + sid + b'\1\0\0\0'))
        if kind == 8:
            return bytes([rnd.choice(CODES)]) + rnd.randbytes(rnd.choice((0, 1, 4, 60, 3000)))
        user = rnd.choice((b'app', b'slow', b'nobody'))
        return rnd.choice((b'\x1f', b'\x02app', b'\x02nosuch', b'\x1b\0\0', b'\x1b\1\0',
                           b'\x11' + user + b'\0\0app\0\x2d\0mysql_native_password\0'))

    def commands(self):
        c = Client(self.rnd.choice((PORT, SOCK)), timeout=5)
        try:
            caps = PLAIN | self.rnd.choice((0, DEPRECATE_EOF, SESSION_TRACK | LOCAL_FILES, DEPRECATE_EOF | QUERY_ATTRIBUTES))
            if c.login(caps=caps)[0] != 0:
                return
            for _ in range(self.rnd.randrange(1, 12)):
                batch = b''.join(packet(0, self.damage(self.command())) for _ in range(self.rnd.choice((1, 1, 1, 2, 9))))
                if self.rnd.random() < 0.05:
                    batch = self.damage(batch)
                self.send(c, batch)
                if self.rnd.random() < 0.8 and not self.listen(c, self.rnd.choice((0.001, 0.01, 0.03))):
                    break
                if self.rnd.random() < 0.1:  # what a client sends of its file, or the end of that
                    self.send(c, packet(self.rnd.randrange(4), self.rnd.choice((b'', b'1\t2\n'))))
        except (Gone, OSError):
            pass
        finally:
            c.close()


class Control:
    def __init__(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(30)
        self.sock.connect(os.environ['CONTROL'])
        self.lines = self.sock.makefile('r')

    def tell(self, line):
        self.sock.sendall(line.encode() + b'\n')
        return self.lines.readline().split()


def switch(rnd, mode):
    """One hold, which is given up, runs out, or ends with the other mode. Returns the mode then."""
    control = Control()
    try:
        said = control.tell('hold %d%s' % (rnd.choice((1, 2)), rnd.choice(('', ' evict', ' evict'))))
        if said[:1] != ['held'] or rnd.random() < 0.2:
            return mode
        if rnd.random() < 0.2:
            control.tell('release ' + said[1])
            return mode
        to = 'source' if mode == 'primary' else 'primary'
        return to if control.tell('mode %s %s' % (to, said[1]))[:1] == ['ok'] else mode
    finally:
        control.sock.close()


def rounds(step):
    begin, n = time.monotonic(), 0
    while time.monotonic() - begin < SECONDS if SECONDS else n < ROUNDS:
        step(n)
        n += 1
    return n


def work(kind, seed, done):
    fuzzer = Fuzzer(seed)
    done.append(rounds(lambda n: getattr(fuzzer, kind)()))


def alive():
    for place in (PORT, SOCK):
        c = Client(place, timeout=60)
        p = c.login()
        assert p[0] == 0, p
        assert c.query('SELECT 1') == [(b'1',)]
        c.close()


def main(case):
    kinds = {'login': ['login'] * 4, 'commands': ['commands'] * 4, 'switching': ['commands'] * 3 + ['login']}[case]
    done, rnd = [], random.Random(SEED)
    threads = [threading.Thread(target=work, args=(kind, SEED + i, done)) for i, kind in enumerate(kinds)]
    for thread in threads:
        thread.start()
    mode, switches = 'source', 0
    while case == 'switching' and any(thread.is_alive() for thread in threads):
        before, mode = mode, switch(rnd, mode)
        switches += mode != before
        if rnd.random() < 0.2:
            Control().tell('warm')
        time.sleep(rnd.random() * 0.05)
    for thread in threads:
        thread.join()
    if mode == 'primary':
        while switch(random.Random(1), mode) == 'primary':
            time.sleep(0.1)
    alive()
    print('seed %d: %d rounds, %d switches' % (SEED, sum(done), switches))
    assert len(done) == len(kinds)


main(sys.argv[1])

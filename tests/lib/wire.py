"""The MySQL protocol by hand: a client, and a server that a test can make misbehave."""
import array
import fcntl
import hashlib
import os
import socket
import ssl
import struct
import termios
import time

PROTOCOL_41, SECURE, PLUGIN_AUTH, WITH_DB = 0x200, 0x8000, 0x80000, 0x8
LONG_PASSWORD, MULTI, MULTI_RESULTS, TRANSACTIONS = 0x1, 0x10000, 0x20000, 0x2000
CONNECT_ATTRS, QUERY_ATTRIBUTES = 0x100000, 0x8000000
SESSION_TRACK, DEPRECATE_EOF, LOCAL_FILES, SSL = 0x800000, 0x1000000, 0x80, 0x800
PLAIN = LONG_PASSWORD | PROTOCOL_41 | SECURE | PLUGIN_AUTH | TRANSACTIONS | MULTI | MULTI_RESULTS


def packet(seq, payload):
    return struct.pack('<I', len(payload))[:3] + bytes([seq]) + payload


def native(password, nonce):
    if not password:
        return b''
    one = hashlib.sha1(password).digest()
    two = hashlib.sha1(nonce + hashlib.sha1(one).digest()).digest()
    return bytes(a ^ b for a, b in zip(one, two))


class Gone(Exception):
    pass


class Client:
    def __init__(self, place, timeout=20):
        if isinstance(place, str) and place.startswith('/'):
            self.sock = socket.socket(socket.AF_UNIX)
        else:
            self.sock = socket.socket()
            self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            place = ('127.0.0.1', int(place))
        self.sock.settimeout(timeout)
        self.sock.connect(place)
        self.caps = PLAIN
        self.buf = b''

    def exactly(self, n):
        while len(self.buf) < n:
            try:
                more = self.sock.recv(65536)
            except ConnectionResetError:
                more = b''
            if not more:
                raise Gone()
            self.buf += more
        out, self.buf = self.buf[:n], self.buf[n:]
        return out

    def read(self):
        head = self.exactly(4)
        self.seq = head[3]
        return self.exactly(head[0] | head[1] << 8 | head[2] << 16)

    def send(self, data):
        self.sock.sendall(data)

    def slowly(self, data):
        for i in range(len(data)):
            self.sock.sendall(data[i:i + 1])
            if i % 16 == 0:
                time.sleep(0.001)

    def in_pieces(self, data, *cuts):
        """Sends data cut at these places, each piece when the peer has read the one before. Unix sockets only."""
        for begin, end in zip((0,) + cuts, cuts + (len(data),)):
            self.sock.sendall(data[begin:end])
            left = array.array('i', [1])
            while left[0]:
                time.sleep(0.001)
                fcntl.ioctl(self.sock, termios.TIOCOUTQ, left)

    def greeting(self):
        p = self.read()
        if p[0] == 0xff:
            return p
        end = p.index(0, 1)
        self.version, at = p[1:end].decode(), end + 1
        self.id, = struct.unpack_from('<I', p, at)
        self.nonce = p[at + 4:at + 12]
        low, = struct.unpack_from('<H', p, at + 13)
        high, = struct.unpack_from('<H', p, at + 18)
        self.server_caps = low | high << 16
        self.nonce += p[at + 31:at + 43]
        return p

    def login_packet(self, user, password, db=b'', caps=None, seq=1, attrs=b''):
        self.caps = PLAIN if caps is None else caps
        if db:
            self.caps |= WITH_DB
        if attrs:
            self.caps |= CONNECT_ATTRS
        auth = native(password, self.nonce)
        p = struct.pack('<IIB23x', self.caps, 1 << 24, 45) + user + b'\0'
        p += bytes([len(auth)]) + auth
        if db:
            p += db + b'\0'
        p += b'mysql_native_password\0'
        if attrs:
            p += b'\xfd' + struct.pack('<I', len(attrs))[:3] + attrs
        return packet(seq, p)

    def start_tls(self):
        """Asks for TLS after the greeting, and does not verify the certificate."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        self.send(packet(1, struct.pack('<IIB23x', PLAIN | SSL, 1 << 24, 45)))
        self.sock = context.wrap_socket(self.sock)

    def login(self, user=None, password=None, db=None, caps=None, send=None, tls=False):
        user = os.environ.get('APP_USER', 'app').encode() if user is None else user
        db = os.environ.get('APP_DB', 'app').encode() if db is None else db
        password = os.environ['APP_PASSWORD'].encode() if password is None else password
        self.greeting()
        if tls:
            self.start_tls()
            caps = SSL | (PLAIN if caps is None else caps)
        (send or self.send)(self.login_packet(user, password, db, caps, seq=2 if tls else 1))
        p = self.read()
        if p[0] == 0xfe:  # AuthSwitchRequest: to native, with a new nonce
            name, data = p[1:].split(b'\0', 1)
            assert name == b'mysql_native_password', name
            (send or self.send)(packet(self.seq + 1, native(password, data[:20])))
            p = self.read()
        return p

    def command(self, code, body=b''):
        self.send(packet(0, bytes([code]) + body))

    def query(self, sql):
        """The rows of each result, or the ERR packet."""
        self.command(3, sql.encode() if isinstance(sql, str) else sql)
        return self.results()

    def results(self):
        out = []
        while True:
            more, rows = self.one_result()
            if isinstance(rows, bytes):
                return rows
            out.append(rows)
            if not more:
                return out if len(out) > 1 else out[0]

    def one_result(self, binary=False):
        p = self.read()
        if p[0] == 0xff:
            return False, p
        if p[0] == 0:
            at = 1
            for _ in range(2):
                _, at = lenenc(p, at)
            self.status, = struct.unpack_from('<H', p, at)
            return self.status & 8, ()
        for _ in range(p[0]):
            self.read()
        if not self.caps & DEPRECATE_EOF:
            assert self.read()[0] == 0xfe
        rows = []
        while True:
            p = self.read()
            if p[0] == 0xff:
                return False, p
            if p[0] == 0xfe and (self.caps & DEPRECATE_EOF or len(p) < 9):
                self.status, = struct.unpack_from('<H', p, 3)
                return self.status & 8, rows
            rows.append(p if binary else row(p))

    def prepare(self, sql):
        self.command(0x16, sql)
        p = self.read()
        if p[0] == 0xff:
            return p
        sid, ncols, nparams = struct.unpack_from('<IHH', p, 1)
        for n in (nparams, ncols):
            for _ in range(n):
                self.read()
            if n and not self.caps & DEPRECATE_EOF:
                assert self.read()[0] == 0xfe
        return sid

    def close(self):
        self.sock.close()


def lenenc(p, at):
    n = p[at]
    if n < 251:
        return n, at + 1
    size = {252: 2, 253: 3, 254: 8}[n]
    return int.from_bytes(p[at + 1:at + 1 + size], 'little'), at + 1 + size


def row(p):
    out, at = [], 0
    while at < len(p):
        if p[at] == 0xfb:
            out.append(None)
            at += 1
            continue
        n, at = lenenc(p, at)
        out.append(p[at:at + n])
        at += n
    return tuple(out)


def err(p):
    """(code, text) of an ERR packet."""
    assert p[0] == 0xff, p
    return struct.unpack_from('<H', p, 1)[0], p[9:].decode(errors='replace')


OK = b'\0\0\0\2\0\0\0'


class FakeServer:
    """Lets everybody in, answers the router's own commands with OK, and shows the application's
    commands to on_command(sock, payload), which returns bytes to send, or None to hang up."""

    def __init__(self, on_command, version=b'8.4.0'):
        self.listener = socket.socket()
        self.listener.bind(('127.0.0.1', 0))
        self.listener.listen(64)
        self.port = self.listener.getsockname()[1]
        self.on_command, self.version = on_command, version

    def serve(self):
        import threading
        while True:
            sock, _ = self.listener.accept()
            threading.Thread(target=self.session, args=(sock,), daemon=True).start()

    def session(self, sock):
        caps = PLAIN | WITH_DB | LOCAL_FILES | SESSION_TRACK | DEPRECATE_EOF | 0x2 | 0x4 | 0x100000
        hello = b'\x0a' + self.version + b'\0' + struct.pack('<I', 7) + b'a' * 8 + b'\0'
        hello += struct.pack('<HBHHB10x', caps & 0xffff, 45, 2, caps >> 16, 21) + b'b' * 12 + b'\0'
        hello += b'mysql_native_password\0'
        stream = sock.makefile('rwb')

        def read():
            head = stream.read(4)
            if len(head) < 4:
                return None
            return stream.read(head[0] | head[1] << 8 | head[2] << 16)

        stream.write(packet(0, hello))
        stream.flush()
        if read() is None:
            return
        stream.write(packet(2, OK))
        stream.flush()
        while True:
            p = read()
            if p is None or p[:1] == b'\1':
                return
            if p[:1] == b'\3' and p[1:].upper().startswith(b'SET '):
                answer = packet(1, OK)
            elif p[:1] in (b'\2', b'\x1b', b'\x1f'):
                answer = packet(1, OK)
            else:
                answer = self.on_command(sock, p)
            if answer is None:
                sock.shutdown(socket.SHUT_RDWR)
                return
            stream.write(answer)
            stream.flush()

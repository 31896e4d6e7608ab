"""Everything that a client can see of a session, directly and through a router.

    route_same.py run FLAVOUR PLACE          does the steps of tests/data/same-steps in sessions of several
                                             kinds at a Unix socket; prints a line of JSON for each thing seen
    route_same.py compare NAME DIRECT OTHER KNOWN [OTHER-SERVER]
                                             what differs between two such outputs must be what the file KNOWN
                                             has for NAME, no less and no more

OTHER-SERVER is an output of the server that answers, when that is not the one of DIRECT: variables in which
the two differ from their first statement on are the servers', not the session's."""
import hashlib
import json
import os
import re
import struct
import sys

import wire
from wire import Client, lenenc, row

TRACK = wire.SESSION_TRACK
MODERN = wire.PLAIN | TRACK | wire.DEPRECATE_EOF | 0x40000 | 0x4  # PS_MULTI_RESULTS, LONG_FLAG
EXTENDED = 1 << 35  # MariaDB's extended metadata
USER, PASSWORD = b'app', os.environ['APP_PASSWORD'].encode()
# the session's own name for itself, the clock, random numbers, what others do meanwhile
OF_THE_MOMENT = {'timestamp', 'pseudo_thread_id', 'rand_seed1', 'rand_seed2', 'gtid_executed', 'gtid_owned',
                 'gtid_binlog_pos', 'gtid_binlog_state', 'gtid_current_pos', 'last_gtid', 'gtid_slave_pos',
                 'statement_id', 'error_count', 'warning_count', 'gtid_purged'}


def sha2(password, nonce):
    one = hashlib.sha256(password).digest()
    two = hashlib.sha256(hashlib.sha256(one).digest() + nonce).digest()
    return bytes(a ^ b for a, b in zip(one, two))


METHODS = {b'mysql_native_password': wire.native, b'caching_sha2_password': sha2}


class Session(Client):
    """Logged in by the plugin that the greeting names, or that is switched to."""

    def __init__(self, place, caps, collation, track):
        super().__init__(place, timeout=60)
        hello = self.greeting()
        self.hello_caps = self.server_caps | (struct.unpack_from('<I', hello, hello.index(0, 1) + 1 + 4 + 8 + 1 + 14)[0] << 32
                                              if not self.server_caps & 1 else 0)
        self.plugin = hello[hello.rindex(0, 0, len(hello) - 1) + 1:-1]
        if caps >> 32:
            caps &= ~1
        self.caps = caps
        auth = METHODS[self.plugin](PASSWORD, self.nonce)
        self.send(wire.packet(1, struct.pack('<IIB19xI', (caps | wire.WITH_DB) & 0xffffffff, 1 << 24, collation,
                                             caps >> 32) + USER + b'\0' + bytes([len(auth)]) + auth +
                              b'app\0' + self.plugin + b'\0'))
        self.login_answer = self.authenticated()

    def authenticated(self):
        while True:
            p = self.read()
            if p[:1] == b'\xfe':
                name, data = p[1:].split(b'\0', 1)
                self.send(wire.packet(self.seq + 1, METHODS[name](PASSWORD, data[:20])))
            elif p == b'\x01\x04':  # the password itself: this is a Unix socket
                self.send(wire.packet(self.seq + 1, PASSWORD + b'\0'))
            elif p != b'\x01\x03':
                return p

    def change_user(self, collation):
        self.command(0x11, USER + b'\0\0app\0' + struct.pack('<H', collation) + self.plugin + b'\0')
        return self.authenticated()

    # What one sees, as texts.

    def ok(self, p):
        affected, at = lenenc(p, 1)
        ident, at = lenenc(p, at)
        status, warnings = struct.unpack_from('<HH', p, at)
        info, changes, at = b'', [], at + 4
        if at < len(p):
            n, at = lenenc(p, at)
            info, at = p[at:at + n], at + n
        if self.caps & TRACK and status & 0x4000:
            n, at = lenenc(p, at)
            end = at + n
            while at < end:
                kind, (n, at) = p[at], lenenc(p, at + 1)
                # which GTID it is depends on what others write
                changes.append((kind, '' if kind == 3 else repr(p[at:at + n])))
                at += n
        # the order of variables says nothing
        changes = ['%d %s' % c for c in sorted(changes) if 'last_gtid' not in c[1] and 'statement_id' not in c[1]]
        return {'end': '%#04x affected %d id %d warnings %d' % (p[0], affected, ident, warnings),
                'status': '%#06x' % status, 'info': repr(info), 'trackers': ' '.join(changes)}, status & 8

    def one(self, binary):
        """What one result shows, and whether another one follows."""
        p = self.read()
        if p[0] == 0xff:
            return {'end': 'ERR %d %r' % (p[1] | p[2] << 8, p[3:])}, False
        if p[0] == 0 or (p[0] == 0xfe and len(p) < 9):
            return self.ok(p) if p[0] == 0 else ({'end': repr(p)}, False)
        metadata, rows = [self.read() for _ in range(lenenc(p, 0)[0])], []
        if not self.caps & wire.DEPRECATE_EOF:
            metadata.append(self.read())
        while True:
            p = self.read()
            if p[0] == 0xff:
                seen, more = {'end': 'ERR %d %r' % (p[1] | p[2] << 8, p[3:])}, False
                break
            if p[0] == 0xfe and self.caps & wire.DEPRECATE_EOF and len(p) < 1 << 24:
                seen, more = self.ok(p)
                break
            if p[0] == 0xfe and len(p) < 9:
                status = p[3] | p[4] << 8
                seen, more = {'end': 'EOF warnings %d' % (p[1] | p[2] << 8), 'status': '%#06x' % status}, status & 8
                break
            rows.append(p)
        seen['metadata'] = repr(metadata)
        seen['rows'] = repr(rows)
        return seen, more

    def all(self, binary=False):
        out, more = [], True
        while more:
            seen, more = self.one(binary)
            out.append(seen)
        return out

    def prepared(self, text, *arguments):
        self.command(0x16, text)
        p = self.read()
        if p[0] == 0xff:
            return [{'end': 'ERR %d %r' % (p[1] | p[2] << 8, p[3:])}]
        sid, columns, params, _, warnings = struct.unpack_from('<IHHBH', p, 1)
        seen = [{'end': '%d columns %d params %d warnings' % (columns, params, warnings)}]
        definitions = []
        for n in (params, columns):
            definitions += [self.read() for _ in range(n)]
            if n and not self.caps & wire.DEPRECATE_EOF:
                definitions.append(self.read())
        seen[0]['metadata'] = repr(definitions)
        for first in (True, False):
            body = struct.pack('<IBI', sid, 0, 1)
            if params:
                body += b'\0' * ((params + 7) // 8) + (b'\1' + b'\xfd\0' * params if first else b'\0')
                body += b''.join(bytes([len(a)]) + a for a in arguments)
            self.command(0x17, body)
            seen += self.all(binary=True)
        self.command(0x19, struct.pack('<I', sid))
        return seen


def steps(flavour):
    path = os.path.join(os.path.dirname(__file__), '..', 'data', 'same-steps')
    for line in open(path, encoding='utf-8'):
        line = line.rstrip('\n')
        head, _, rest = line.partition(': ')
        if line.startswith('#') or (head in ('my', 'ma') and head != flavour):
            continue
        yield rest if head == flavour else line


def do(session, step, table):
    step = step.replace('{t}', table)
    head, _, rest = step.partition(':')
    if head == 'prepared':
        text, *arguments = rest.strip().encode().split(b'|')
        return session.prepared(text, *arguments)
    if head == 'change-user':
        p = session.change_user(int(rest))
        return [session.ok(p)[0] if p[0] == 0 else {'end': repr(p)}]
    if head.startswith('command '):
        session.command(int(head[8:], 16), rest.encode().decode('unicode_escape').encode('latin1'))
        return session.all()
    session.command(3, step.encode())
    return session.all()


def variables(session):
    """All of them, as one session sees them."""
    session.command(3, b'SHOW SESSION VARIABLES')
    out = {}
    p = session.read()
    if p[0] == 0xff:
        return {'': repr(p)}
    for _ in range(p[0]):
        session.read()
    if not session.caps & wire.DEPRECATE_EOF:
        session.read()
    while True:
        p = session.read()
        if p[0] == 0xfe and len(p) < 1000:
            return out
        name, value = row(p)
        name = name.decode()
        if name not in OF_THE_MOMENT and not name.startswith('session_track_'):
            out[name] = (value or b'').decode('latin1')


# What is asked after each step, by kind of session.
PROBES = {
    'warnings': b'SHOW WARNINGS',
    'counts': b'SELECT ROW_COUNT(), FOUND_ROWS(), LAST_INSERT_ID(), @@warning_count, @@error_count',
}
# After these steps all variables are asked for, and after the last.
SETS = re.compile(r'\b(SET|set|sets|USE|CALL|EXECUTE|command|change-user|prepared|nothing)\b')
KINDS = {  # capabilities, collation, probe
    'new': (MODERN, 45, None),
    'old': (wire.PLAIN, 8, None),
    'warnings': (MODERN, 255, 'warnings'),
    'counts': (MODERN & ~TRACK, 45, 'counts'),
    'variables': (MODERN, 33, 'variables'),
}


def run(flavour, place):
    for number, (kind, (caps, collation, probe)) in enumerate(KINDS.items()):
        if flavour == 'ma' and kind == 'new':
            caps |= EXTENDED
        session = Session(place, caps, collation, True)
        table = 't_%d' % number

        def tell(step, what, value):
            print(json.dumps([kind, step, what, value]))
        if number == 0:
            tell('greeting', 'version', session.version)
            tell('greeting', 'plugin', session.plugin.decode())
        tell('login', 'answer', repr(session.ok(session.login_answer)[0]))
        if probe == 'variables':
            tell('login', 'variables', variables(session))
        for at, step in enumerate(steps(flavour)):
            label = '%d %s' % (at, step)
            for seen in do(session, step, table):
                for what, value in seen.items():
                    tell(label, what, value)
            if probe == 'variables':
                if SETS.search(step):
                    tell(label, probe, variables(session))
            elif probe:
                session.command(3, PROBES[probe])
                for seen in session.all():
                    tell(label, probe, seen['end'] + ' ' + seen.get('rows', ''))
        session.close()


# ---- Comparing


def grouped(path):
    """Of each step of a kind of session: what was seen, in order."""
    out = {}
    for line in open(path):
        kind, step, what, value = json.loads(line)
        out.setdefault((kind, step), {}).setdefault(what, []).append(value)
    return out


def of_servers(one, other):
    """Variables in which fresh sessions of two servers differ."""
    a, b = one['variables', 'login']['variables'][0], other['variables', 'login']['variables'][0]
    return {name for name in set(a) | set(b) if a.get(name) != b.get(name)}


def differences(direct, other, passed_over):
    for key in direct:
        kind, step = key
        a, b = direct[key], other.get(key, {})
        for what in sorted(set(a) | set(b)):
            if what == 'variables':
                for one, two in zip(a[what], b.get(what, [{}])):
                    for name in sorted(set(one) | set(two)):
                        if one.get(name) != two.get(name) and name not in passed_over:
                            yield kind, what + ' ' + name, step, one.get(name), two.get(name)
            elif a.get(what) != b.get(what):
                yield kind, what, step, a.get(what), b.get(what)


def compare(name, direct, other, known, server=None):
    direct, other = grouped(direct), grouped(other)
    passed_over = of_servers(direct, grouped(server)) if server else set()
    expected = {}
    for line in open(known, encoding='utf-8'):
        line = line.rstrip('\n')
        if line and not line.startswith('#'):
            modes, pattern = line.split(' ', 1)
            if re.fullmatch(modes, name):
                expected[pattern] = 0
    bad = []
    for kind, what, step, one, two in differences(direct, other, passed_over):
        text = '%s %s: %s' % (kind, what, step)
        for pattern in expected:
            if re.fullmatch(pattern, text):
                expected[pattern] += 1
                break
        else:
            bad.append('%s %s\n    direct: %.600s\n    router: %.600s' % (name, text, one, two))
    stale = [pattern for pattern, count in expected.items() if not count]
    for line in bad:
        print(line)
    for pattern in stale:
        print('%s: known to differ, and does not: %s' % (name, pattern))
    print('%s: %d things seen, %d differ, %d of them known' % (
        name, sum(len(seen) for seen in direct.values()), len(bad) + sum(expected.values()), sum(expected.values())))
    return 1 if bad or stale else 0


if __name__ == '__main__':
    sys.exit({'run': run, 'compare': compare}[sys.argv[1]](*sys.argv[2:]))

#!/usr/bin/env python3
"""watch_checkpoint.py FILE FLOW DB CLIENT...: reads the checkpoint file, then its row by CLIENT (a
command that takes statements on stdin), again and again until SIGTERM. Each time the file must be one
whole line, never shrink, and hold nothing that the row does not. Prints what it has seen; exits 1 at
the first thing that is not so."""
import re
import signal
import subprocess
import sys
import time

path, flow, db, *client = sys.argv[1:]
ONE = r'[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?::[a-z_][a-z0-9_]*)?(?::\d+(?:-\d+)?)+'
MYSQL = re.compile('%s(?:,%s)*\n' % (ONE, ONE))
MARIADB = re.compile(r'\d+-\d+-\d+(?:,\d+-\d+-\d+)*' + '\n')
stopping = False


def stop(*_):
    global stopping
    stopping = True


def intervals(text):
    for part in text.split(':'):
        first, _, last = part.partition('-')
        yield int(first), int(last or first)


def parse(text):
    """{source: [(first, last)]}; a MariaDB domain has all numbers up to its own."""
    if MARIADB.fullmatch(text):
        return {p.split('-')[0]: [(1, int(p.split('-')[2]))] for p in text.strip().split(',')}
    if not MYSQL.fullmatch(text):
        return None
    have = {}
    for one in text.strip().split(','):
        sid, numbers = re.fullmatch(r'(.{36}(?::[a-z_][a-z0-9_]*)?):([\d:-]+)', one).groups()
        have[sid] = list(intervals(numbers))
    return have


def parse_row(lines):
    have = {}
    for line in lines:
        sid, numbers = line.split('\t')
        have[sid] = list(intervals(numbers)) if len(sid) >= 36 else [(1, int(numbers.split('-')[1]))]
    return have


def contains(big, small):
    return all(any(f <= first and last <= l for f, l in big.get(sid, ()))
               for sid, wanted in small.items() for first, last in wanted)


class Row:
    """The checkpoint's row, read by a client that stays connected; None while the server is away."""
    child = None

    def read(self):
        try:
            if not self.child:
                self.child = subprocess.Popen(client + ['--unbuffered', '--batch', '--raw', '-N'], text=True,
                                              stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                              stderr=subprocess.DEVNULL)
            self.child.stdin.write("SELECT sid,intervals FROM %s._mi_checkpoint WHERE flow='%s' AND "
                                   "sid<>'';SELECT 'end';\n" % (db, flow))
            self.child.stdin.flush()
            lines = []
            while True:
                line = self.child.stdout.readline()
                if line == 'end\n':
                    return parse_row(lines)
                if not line:
                    raise OSError('gone')
                lines.append(line.rstrip('\n'))
        except OSError:
            self.close()
            return None

    def close(self):
        child, self.child = self.child, None
        if child:
            child.kill()
            child.wait()
            child.stdout.close()
            try:
                child.stdin.close()
            except OSError:
                pass


def main():
    signal.signal(signal.SIGTERM, stop)
    row, before, reads, compared, changes, behind, last_text = Row(), {}, 0, 0, 0, 0, None
    looked = 0
    while not stopping:
        with open(path, encoding='latin1') as file:
            text = file.read()
        reads += 1
        have = parse(text)
        if have is None:
            print('half a file: %r' % text)
            return 1
        if not contains(have, before):
            print('the file went back: %r' % text)
            return 1
        before = have
        if text == last_text and time.monotonic() - looked < 0.05:
            time.sleep(0.0005)
            continue
        changes += text != last_text
        last_text = text
        there = row.read()
        looked = time.monotonic()
        if there is None:
            time.sleep(0.05)
            continue
        compared += 1
        behind += not contains(have, there)
        if not contains(there, have):
            print('the file leads: %r is not in %r' % (text, there))
            return 1
    row.close()
    print('%d reads of the file, %d changes, %d compared with the row, which was ahead %d times'
          % (reads, changes, compared, behind))
    return 0 if compared else 1


sys.exit(main())

#!/usr/bin/env python3
"""Reads a row stream with gzip and csv alone, as a second implementation of mi-stream(5) would.

  rowstream.py header FILE FIELD        low, high, kind, ... of the first record
  rowstream.py chunks FILE DB.TABLE     a line per chunk: part, lo, hi, rows; tabs between
  rowstream.py ends FILE                a line per table end: DB.TABLE, a tab, and its rows
  rowstream.py finished FILE SEED       some chunks of each table, as mi-load --done lists them
  rowstream.py column FILE DB.TABLE COLUMN   its values, a line each: numbers and times as they are,
                                        other bytes in hex, NULL
  rowstream.py compare DB DIR FILE...   the files' rows together against DIR/TABLE, which hold what
                                        select_exact of server.bash prints: says what differs
  rowstream.py resumed ALL LIST REST    that the chunks of ALL in LIST and those of REST make ALL,
                                        table by table, and that both have some
"""
import collections
import csv
import gzip
import hashlib
import io
import os
import random
import re
import struct
import sys

csv.field_size_limit(1 << 30)
HEADER = ['MI', 'format', 'kind', 'features', 'tool', 'import', 'flavour', 'version', 'server',
          'low', 'high', 'time']
PLAIN = ('int', 'decimal', 'bit', 'year', 'enum', 'set', 'date', 'time', 'datetime', 'timestamp')


FIELD = re.compile(r'(?:"((?:[^"]|"")*)"|([^",\n]*))([,\n])')


def split(text):
    """Records as lists; an unquoted empty field is None, which csv does not tell from ''."""
    record, at = [], 0
    while at < len(text):
        m = FIELD.match(text, at)
        quoted, bare, end = m.groups()
        record.append(quoted.replace('""', '"') if quoted is not None else bare or None)
        at = m.end()
        if end == '\n':
            yield record
            record = []


class Table:
    def __init__(self, name, columns):
        self.name, self.to_come = name, columns
        self.columns, self.key, self.chunks = [], [], []


def load(path):
    with gzip.open(path, 'rb') as f:
        text = f.read().decode('latin1')
    plain = list(csv.reader(io.StringIO(text, newline='')))
    records = list(split(text))
    assert [[v or '' for v in r] for r in records] == plain, 'csv reads it otherwise'
    tables, header, ends, table = {}, None, [], None
    for r in records:
        tag = r[0]
        if tag == 'MI':
            header = dict(zip(HEADER, r))
        elif tag == 'TABLE':
            tables[r[1]] = Table(r[2] + '.' + r[3], int(r[6]))
        elif tag == 'COLUMN':
            tables[r[1]].columns.append(dict(name=r[2], type=r[3], generated=r[9]))
        elif tag == 'KEY':
            if r[3] == 'primary':
                tables[r[1]].key = [int(c) - 1 for c in r[4::3]]
        elif tag == 'CHUNK':
            table = tables[r[1]]
            table.chunks.append(dict(part=int(r[2]), lo=r[3], hi=r[4], rows=[], count=int(r[5])))
        elif tag == 'R':
            table.chunks[-1]['rows'].append(r[1:])
        elif tag == 'TABLEEND':
            ends.append((tables[r[1]].name, int(r[2])))
            assert sum(c['count'] for c in tables[r[1]].chunks) == int(r[2]), 'table end miscounts'
    assert records[-1][0] == 'END', 'no END'
    for t in tables.values():
        for c in t.chunks:
            assert len(c['rows']) == c['count'], 'chunk miscounts'
    return header, {t.name: t for t in tables.values()}, ends


def carried(t):
    return [i for i, c in enumerate(t.columns) if c['generated'] == 'no' or i in t.key]


def exact(kind, value):
    if value is None:
        return 'NULL'
    if kind in PLAIN:
        return value
    if kind == 'float':
        return struct.unpack('f', struct.pack('f', float(value)))[0].hex()
    if kind == 'double':
        return float(value).hex()
    raw = value.encode('latin1')
    if len(raw) > 200:
        return '%d:%s' % (len(raw), hashlib.sha256(raw).hexdigest())
    return raw.hex().upper()


def server_value(kind, text):
    if text != 'NULL' and kind in ('float', 'double'):
        return float(text).hex()
    if kind in ('int', 'decimal', 'year'):
        return re.sub(r'^0+(?=[0-9])', '', text)  # ZEROFILL
    return text


def stream_rows(tables, name):
    t = tables[name]
    kinds = [t.columns[i]['type'] for i in carried(t)]
    return collections.Counter(tuple(exact(k, v) for k, v in zip(kinds, row))
                               for c in t.chunks for row in c['rows'])


def server_rows(t, path):
    kept = [(i, t.columns[i]['type']) for i in carried(t)]
    rows = collections.Counter()
    with open(path, 'rb') as f:
        for line in f:
            cells = line.decode('latin1').rstrip('\n').split('\t')
            rows[tuple(server_value(kind, cells[i]) for i, kind in kept)] += 1
    return rows


def say_difference(name, ours, theirs):
    for label, rows in (('only in the first', ours - theirs), ('only in the second', theirs - ours)):
        for row, times in list(rows.items())[:5]:
            print('%s, %s: %d x %s' % (name, label, times, ', '.join(row)[:400]))
    if ours != theirs:
        print('%s: %d rows and %d' % (name, sum(ours.values()), sum(theirs.values())))
    return ours != theirs


def compare(db, folder, paths):
    streams, differ = [load(path)[1] for path in paths], False
    for table in sorted(os.listdir(folder)):
        name = db + '.' + table
        ours = sum((stream_rows(s, name) for s in streams), collections.Counter())
        theirs = server_rows(streams[0][name], os.path.join(folder, table))
        differ |= say_difference(name, ours, theirs)
    return differ


def line_of(name, chunk):
    db, table = (escape(part) for part in name.split('.', 1))
    return '%s\t%s\t%d\t%s\t%s' % (db, table, chunk['part'], chunk['lo'], chunk['hi'])


def resumed(all_path, list_path, rest_path):
    everything, rest, differ = load(all_path)[1], load(rest_path)[1], False
    with open(list_path) as f:
        listed = set(line.rstrip('\n') for line in f)
    for name, t in everything.items():
        theirs = stream_rows(everything, name)
        in_parts, many = t.chunks[0]['part'] > 0, len(t.chunks) > 20
        t.chunks = [c for c in t.chunks if line_of(name, c) in listed and not in_parts]
        if many and not in_parts and not (t.chunks and rest[name].chunks):
            print('%s: %d and %d chunks' % (name, len(t.chunks), len(rest[name].chunks)))
            differ = True
        both = stream_rows(everything, name) + stream_rows(rest, name)
        differ |= say_difference(name, both, theirs)
    return differ


def escape(name):
    for a, b in (('\\', '\\\\'), ('\t', '\\t'), ('\n', '\\n'), ('\r', '\\r')):
        name = name.replace(a, b)
    return name


def main(args):
    what = args[0]
    if what == 'compare':
        return compare(args[1], args[2], args[3:])
    if what == 'resumed':
        return resumed(*args[1:])
    header, tables, ends = load(args[1])
    out = []
    if what == 'header':
        out.append(header[args[2]])
    elif what == 'ends':
        out += ['%s\t%d' % e for e in ends]
    elif what == 'chunks':
        out += ['%d\t%s\t%s\t%d' % (c['part'], c['lo'], c['hi'], c['count'])
                for c in tables[args[2]].chunks]
    elif what == 'finished':
        chosen = random.Random(int(args[2]))
        lines = [line_of(name, c) for name, t in tables.items() for c in t.chunks
                 if chosen.random() < 0.6]
        chosen.shuffle(lines)
        out += lines
    elif what == 'column':
        t = tables[args[2]]
        at = [t.columns[i]['name'] for i in carried(t)].index(args[3])
        kind = t.columns[carried(t)[at]]['type']
        out += [exact(kind, row[at]) for c in t.chunks for row in c['rows']]
    sys.stdout.buffer.write(b''.join(line.encode('latin1') + b'\n' for line in out))
    return 0


sys.exit(main(sys.argv[1:]))

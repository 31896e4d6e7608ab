#!/usr/bin/env python3
"""replay.py CHANGES ROWS: applies the changes that mk_binlog decoded to nothing at all; what is there
then must be the rows that mi-dump read. Each before-image must be a row that is there."""
import collections
import sys

have = collections.defaultdict(collections.Counter)
bad = 0


def complain(*words):
    global bad
    bad += 1
    if bad < 10:
        print(*(word[:400] for word in words), file=sys.stderr)


for line in open(sys.argv[1]):
    kind, table, *images = line.rstrip('\n').split('\t')
    if kind in 'UD':
        if have[table][images[0]] <= 0:
            complain('the before-image of no row:', table, images[0])
        have[table][images[0]] -= 1
    if kind in 'IU':
        have[table][images[-1]] += 1

want = collections.defaultdict(collections.Counter)
for line in open(sys.argv[2]):
    _, table, image = line.rstrip('\n').split('\t')
    want[table][image] += 1

for table in sorted(set(have) | set(want)):
    for image in +have[table] - want[table]:
        complain('only in the log:', table, image)
    for image in want[table] - +have[table]:
        complain('only in the table:', table, image)
print(len(want), 'tables', sum(sum(rows.values()) for rows in want.values()), 'rows')
sys.exit(bad > 0)

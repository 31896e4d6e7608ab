#!/usr/bin/python3
"""steady.py SOCKET DB TABLE: an application at steady work on a table with the columns id (counted by the server),
a, b and note, as root: inserts, updates, deletes and a transaction of several, one round after another, until
SIGTERM. Deadlocks and lock waits are tried again, as applications do; any other error ends it with 1. It names its
columns, so that a definition may change under it. At the end it prints how many rounds it did."""
import random
import signal
import sys
import time
import pymysql

RETRY = (1205, 1213)
PACE = 0.002  # seconds between rounds: leaves a core to those who are watched
ending = False


def end(*_):
    global ending
    ending = True


def round_of(cursor, table, n):
    cursor.execute(f'SELECT MIN(id), MAX(id) FROM {table}')
    low, high = cursor.fetchone()
    some = random.randint(low, high)
    cursor.execute(f'INSERT INTO {table} (a, b, note) VALUES (%s, %s, %s), (%s, %s, NULL)',
                   (n, -n, f'round {n} é', n, n * 3))
    cursor.execute(f'UPDATE {table} SET b = b + 1, note = CONCAT(LEFT(note, 20), %s) WHERE id BETWEEN %s AND %s',
                   (str(n), some, some + 3))
    cursor.execute(f'DELETE FROM {table} WHERE id IN (%s, %s)', (random.randint(low, high), random.randint(low, high)))


def main():
    socket, db, table = sys.argv[1:]
    signal.signal(signal.SIGTERM, end)
    conn = pymysql.connect(unix_socket=socket, user='root', database=db, charset='utf8mb4', autocommit=True)
    cursor = conn.cursor()
    n = 0
    while not ending:
        try:
            if n % 2:
                conn.begin()
            round_of(cursor, table, n)
            conn.commit()
        except pymysql.err.OperationalError as error:
            if error.args[0] not in RETRY:
                raise
            conn.rollback()
        n += 1
        time.sleep(PACE)
    print(n)


main()

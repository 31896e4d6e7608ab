#!/usr/bin/python3
"""rowwait.py PORT USER PASSWORD LIMIT COMMAND...: one transaction holds a row and another waits for it; COMMAND
runs, and the first goes on: reads, then writes, each of which must be answered within LIMIT seconds, both while
COMMAND runs and when it has ended. Prints the longest of them in ms. COMMAND's own exit status is printed, too.
Needs the tables of bank (tests/51-peace.bats).
"""
import subprocess
import sys
import threading
import time

import pymysql

PORT, USER, PASSWORD, LIMIT = int(sys.argv[1]), sys.argv[2], sys.argv[3], float(sys.argv[4])


def connect():
    conn = pymysql.connect(host="127.0.0.1", port=PORT, user=USER, password=PASSWORD, autocommit=True)
    return conn, conn.cursor()


def timed(cursor, sql):
    begun = time.monotonic()
    cursor.execute(sql)
    return time.monotonic() - begun


def main():
    first, one = connect()
    second, two = connect()
    one.execute("BEGIN")
    one.execute("UPDATE bank.account SET money = money + 1 WHERE id = 1")
    errors = []

    def wait():
        try:
            two.execute("SELECT money FROM bank.account WHERE id = 1 LOCK IN SHARE MODE")
        except pymysql.err.Error as error:
            errors.append(str(error))

    waiter = threading.Thread(target=wait)
    waiter.start()
    time.sleep(0.3)
    command = subprocess.Popen(sys.argv[5:])
    longest = 0.0
    end = None
    key = 2
    while end is None or time.monotonic() < end:  # a second more, when COMMAND has ended
        time.sleep(0.05)
        longest = max(longest, timed(one, f"SELECT money FROM bank.account WHERE id = {key}"),
                      timed(one, f"UPDATE bank.account SET money = money + 1 WHERE id = {key}"))
        key += 1
        if end is None and command.poll() is not None:
            end = time.monotonic() + 1
    one.execute("ROLLBACK")
    waiter.join(60)
    print(f"longest {longest * 1000:.0f} ms, command {command.returncode}, the other: {errors or 'answered'}")
    return 0 if longest < LIMIT and not errors else 1


sys.exit(main())

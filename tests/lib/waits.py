#!/usr/bin/python3
"""waits.py PORT USER PASSWORD SECONDS-LIMIT COMMAND...: writers and readers, as an application has them, while
COMMAND runs; then prints the longest that any statement took:

    longest 123 ms: UPDATE ... | statements 4567, errors 8

Sixteen sessions move money between few rows (so that they wait for each other's row locks), each transaction with a
row in a journal; four more hold a row and look at others, and look at rows with FOR SHARE, which is what a flush of
all tables cannot be given up from. Statements that another session's transaction makes wait are bounded by that
transaction, whose every statement is timed as well. Needs the tables of make_bank in tests/51-peace.bats.
"""
import random
import subprocess
import sys
import threading
import time

import pymysql

PORT, USER, PASSWORD, LIMIT = int(sys.argv[1]), sys.argv[2], sys.argv[3], float(sys.argv[4])
ROWS = 200


class Session:
    def __init__(self, number):
        self.random = random.Random(number)
        self.longest, self.what = 0.0, ""
        self.statements = self.errors = 0
        self.error = ""
        self.conn = pymysql.connect(host="127.0.0.1", port=PORT, user=USER, password=PASSWORD, autocommit=True)
        self.cursor = self.conn.cursor()

    def run(self, sql):
        """Returns whether the statement succeeded."""
        begun = time.monotonic()
        try:
            self.cursor.execute(sql)
            return True
        except pymysql.err.Error as error:  # a deadlock: the transaction is over
            self.errors += 1
            self.error = str(error)
            return False
        finally:
            took = time.monotonic() - begun
            self.statements += 1
            if took > self.longest:
                self.longest, self.what = took, sql

    def transaction(self, statements):
        for sql in ["BEGIN", *statements]:
            if not self.run(sql):
                self.run("ROLLBACK")
                return
        self.run("COMMIT")

    def move(self):
        a, b = sorted(self.random.sample(range(ROWS), 2))
        statements = [
            f"UPDATE bank.account SET money = money - 7 WHERE id = {a}",
            f"UPDATE bank.account SET money = money + 7 WHERE id = {b}",
        ]
        statements.insert(self.random.choice([0, 2]), f"INSERT INTO bank.journal (who) VALUES ({a})")
        self.transaction(statements)

    def hold(self):
        a = self.random.randrange(ROWS)
        self.transaction([
            f"UPDATE bank.account SET money = money + 0 WHERE id = {a}",
            f"SELECT money FROM bank.account WHERE id = {(a + 1) % ROWS}",
            f"SELECT COUNT(*) FROM bank.journal WHERE n = {a}",
        ])

    def share(self):
        self.transaction([f"SELECT money FROM bank.account WHERE id = {self.random.randrange(ROWS)} LOCK IN SHARE MODE"])


def work(session, how, stop):
    while not stop.is_set():
        getattr(session, how)()
        time.sleep(0.002)


def main():
    stop = threading.Event()
    hows = ["move"] * 16 + ["hold", "hold", "share", "share"]
    sessions = [Session(i) for i in range(len(hows))]
    threads = [threading.Thread(target=work, args=(s, h, stop)) for s, h in zip(sessions, hows)]
    for thread in threads:
        thread.start()
    time.sleep(0.5)
    code = subprocess.run(sys.argv[5:], check=False, timeout=300).returncode
    time.sleep(0.5)
    stop.set()
    for thread in threads:
        thread.join(60)
    longest = max(sessions, key=lambda s: s.longest)
    print(f"longest {longest.longest * 1000:.0f} ms: {longest.what[:60]} | statements "
          f"{sum(s.statements for s in sessions)}, errors {sum(s.errors for s in sessions)} "
          f"{next((s.error for s in sessions if s.error), '')}")
    if code != 0:
        return code
    return 0 if longest.longest < LIMIT else 1


sys.exit(main())

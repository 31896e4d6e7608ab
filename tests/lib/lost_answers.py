#!/usr/bin/python3
"""lost_answers.py PORT WHO [HOW]: writes four entries through a router whose source's answer is lost where a
statement has "lost-answer" in it: in autocommit, by COMMIT, prepared, and one that is not lost. Each
lost one must be an error that says that nobody knows, and the next connection works.
HOW (text, commit or prepared): only one of them, and then nothing: the server has gone."""
import sys

import pymysql
import ledger

ER_SERVER_SHUTDOWN = 1053
port, who = int(sys.argv[1]), int(sys.argv[2])
INSERT = "INSERT INTO entry (who,n,account,amount,note) VALUES (%d,%d,1,0,'%s')"


def connect():
    return pymysql.connect(host='127.0.0.1', port=port, user='app', password='apppw', database='shop',
                           autocommit=True, read_timeout=30, charset='utf8mb4')


def lost(act):
    conn = connect()
    try:
        act(conn)
    except pymysql.err.MySQLError as error:
        assert error.args[0] == ER_SERVER_SHUTDOWN, error
    else:
        raise AssertionError('acknowledged, and the answer was lost')


def lost_and_there(act):
    lost(act)
    check = connect()
    cursor = check.cursor()
    cursor.execute('SELECT COUNT(*) FROM entry WHERE who=%d' % who)
    return cursor.fetchone()[0]


def by_text(conn):
    conn.cursor().execute(INSERT % (who, 1, 'lost-answer'))


def by_commit(conn):
    conn.begin()
    conn.cursor().execute(INSERT % (who, 2, 'kept'))
    conn.cursor().execute('COMMIT /* lost-answer */')


def prepared(conn):
    ledger.Prepared(conn, 'INSERT INTO entry (who,n,account,amount,note) VALUES (?,?,1,0,?)').execute(
        who, 3, 'lost-answer')


hows = {'text': by_text, 'commit': by_commit, 'prepared': prepared}
if len(sys.argv) > 3:
    lost(hows[sys.argv[3]])
else:
    for number, how in enumerate(hows.values(), 1):
        assert lost_and_there(how) == number
    connect().cursor().execute(INSERT % (who, 4, 'heard'))

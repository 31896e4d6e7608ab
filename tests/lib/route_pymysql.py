"""Uses the router as a Python application does; prints nothing when every answer is right."""
import os
import pymysql
from pymysql.constants import CLIENT

port = int(os.environ['PORT'])


def connect(**more):
    return pymysql.connect(host='127.0.0.1', port=port, user='app', database='app', charset='utf8mb4',
                           password=os.environ['APP_PASSWORD'].encode(), local_infile=True,
                           client_flag=CLIENT.MULTI_STATEMENTS, max_allowed_packet=64 << 20, **more)


c = connect()
cur = c.cursor()


def rows(sql, *args):
    cur.execute(sql, args or None)
    return cur.fetchall()


def fails(code, sql):
    try:
        cur.execute(sql)
    except pymysql.MySQLError as e:
        assert e.args[0] == code, e
        return
    raise AssertionError('no error: ' + sql)


cur.execute('DROP TABLE IF EXISTS p')
cur.execute('CREATE TABLE p (id INT AUTO_INCREMENT PRIMARY KEY, v LONGBLOB) ENGINE=InnoDB')
cur.execute('INSERT INTO p (v) VALUES (%s)', ('x',))
assert cur.lastrowid == 1 and rows('SELECT LAST_INSERT_ID()') == ((1,),)
c.rollback()
assert rows('SELECT COUNT(*) FROM p') == ((0,),)
c.commit()

# packets of 16 MiB and more, in both directions, and at the very edge
for size in (0xffffff - 40, 0xffffff - 27, 0xffffff, 20 << 20):
    big = os.urandom(16) * (size // 16 + 1)
    big = big[:size].replace(b'%', b'x')
    cur.execute('REPLACE INTO p VALUES (2, _binary %s)', (big,))
    assert rows('SELECT v FROM p WHERE id=2')[0][0] == big, size
c.commit()

cur.execute('SELECT 1; SELECT 2, 3; DO 0; SELECT 4')
got = [cur.fetchall()]
while cur.nextset():
    got.append(cur.fetchall())
assert got == [((1,),), ((2, 3),), (), ((4,),)], got
fails(1064, 'SELEC 1')
fails(1146, 'SELECT * FROM nosuch')
assert rows('SELECT 5') == ((5,),)

with open('load.csv', 'w') as f:
    f.write('10\tten\n11\televen\n')
cur.execute("LOAD DATA LOCAL INFILE 'load.csv' INTO TABLE p")
c.commit()
assert rows('SELECT id, v FROM p WHERE id>=10 ORDER BY id') == ((10, b'ten'), (11, b'eleven'))
try:
    cur.execute("LOAD DATA LOCAL INFILE 'absent.csv' INTO TABLE p")
    raise AssertionError('no error for a file that is absent')
except (pymysql.MySQLError, OSError):
    pass
assert rows('SELECT 6') == ((6,),)

c.ping(reconnect=False)
c.select_db('app')
assert rows('SELECT DATABASE()') == (('app',),)
try:
    c.select_db('nosuch')
    raise AssertionError('a database that is not there')
except pymysql.MySQLError as e:
    assert e.args[0] in (1044, 1049), e
assert rows('SELECT DATABASE()') == (('app',),)
cur.execute('USE app')

cur.execute('SELECT REPEAT("r", 5000000) UNION ALL SELECT REPEAT("s", 5000000)')
assert [len(r[0]) for r in cur.fetchall()] == [5000000, 5000000]
cur.execute('DROP PROCEDURE IF EXISTS two')
cur.execute('CREATE PROCEDURE two() BEGIN SELECT 1; SELECT 2; END')
cur.callproc('two')
got = [cur.fetchall()]
while cur.nextset():
    got.append(cur.fetchall())
assert got == [((1,),), ((2,),), ()], got

# two sessions do not see each other's state
d = connect(autocommit=True)
other = d.cursor()
cur.execute('SET @mine=1')
other.execute('SELECT @mine')
assert other.fetchall() == ((None,),) and rows('SELECT @mine') == (('1',),) or rows('SELECT @mine') == ((1,),)
d.close()
c.close()

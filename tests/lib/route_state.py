"""What a session has at a server, when that is lost, or the writes move: route_state.py CASE. As
route_switch.py; MARIADB is 1 when the source is a MariaDB."""
from route_switch import *

MARIADB = os.environ.get('MARIADB') == '1'
METRIC = 'mi_route_backends_lost_total{side="%s"} '

def lost_count(side):
    control = Control()
    control.file.write('metrics\n')
    control.file.flush()
    count = None
    while True:
        line = control.file.readline()
        if line.startswith(METRIC % side):
            count = int(line.split()[1])
        if line.split(' ')[0].strip() in ('ok', 'error'):
            assert count is not None
            return count

def kill_backends(suffix='a', side='source', count=None):
    """Ends the application's sessions at a server, and waits until the router has seen that."""
    client = ['mariadb', '--defaults-file=' + os.environ['MI_CONFIG'], '--defaults-group-suffix=_' + suffix, '-N']
    before = lost_count(side)
    ids = subprocess.run(client + ['-e', "SELECT id FROM information_schema.processlist WHERE user='app'"],
                         check=True, capture_output=True, text=True).stdout.split()
    assert ids
    subprocess.run(client + ['-e', ';'.join('KILL ' + i for i in ids)], check=True)
    end = time.monotonic() + 10
    while lost_count(side) < before + len(ids):
        assert time.monotonic() < end, 'the router does not see it'
        time.sleep(0.005)

def is_gone(c):
    """The connection has ended, and nothing was said."""
    try:
        return c.read()
    except Gone:
        return True

def fails(c, sql):
    """How a statement fails: the error's number, or GONE."""
    try:
        got = c.query(sql)
    except (Gone, BrokenPipeError):
        return 'GONE'
    assert isinstance(got, bytes), got
    return err(got)[0]

# what a statement leaves: rows found, rows changed, two warnings
FIND, CHANGE = 'SELECT 1 UNION SELECT 2 UNION SELECT 3', 'INSERT IGNORE INTO led (client, n) VALUES %s'

def leave(c, client):
    ok(c, 'DELETE FROM led WHERE client = %d' % client)
    ok(c, 'INSERT INTO s (v) VALUES (1)')
    assert len(c.query(FIND)) == 3
    ok(c, CHANGE % ', '.join('(%d, %d)' % (client, n) for n in (1, 2, 1, 2)))

def left():
    """What the last statement before a switch left is asked for after it, and is not lost unnoticed."""
    control = Control()
    for caps in (PLAIN, PLAIN | DEPRECATE_EOF):
        assert control.tell('mode replica').startswith('ok')
        there = session(caps)
        leave(there, 1)
        want = there.query('SELECT ROW_COUNT(), FOUND_ROWS()')[0]
        assert want == (b'2', b'3')
        clients = [session(caps) for _ in range(9)]
        for n, c in enumerate(clients):
            leave(c, n)
        warns, counts, rows, found, both, twice, mixed, stored, later = clients
        control.mode('primary')
        got = warns.query('SHOW WARNINGS')
        assert len(got) == 2 and got[0][1] == b'1062', got
        assert len(warns.query('SHOW WARNINGS')) == 2
        assert counts.query('SELECT @@warning_count') == [(b'2',)]
        assert rows.query('SELECT ROW_COUNT()') == [(b'2',)]
        assert rows.query('SELECT ROW_COUNT()') == [(b'-1',)]
        assert found.query('SELECT FOUND_ROWS()') == [(b'3',)]
        assert both.query('SELECT ROW_COUNT(), FOUND_ROWS()') == [want]
        # also after the statements of the router's own that carry LAST_INSERT_ID()
        ident = twice.query('SELECT LAST_INSERT_ID()')
        ok(twice, 'UPDATE s SET v = 2 WHERE id = 0')
        assert twice.query('SELECT LAST_INSERT_ID()') == ident != [(b'0',)]
        ok(later, 'UPDATE s SET v = 2 WHERE id = 0')
        assert later.query('SELECT ROW_COUNT()') == [(b'0',)]
        ok(later, 'DO LAST_INSERT_ID(5)')
        assert later.query('SELECT LAST_INSERT_ID()') == [(b'5',)]
        # within a statement of the new writer it cannot be had
        for sql in ('INSERT INTO led (client, n) VALUES (90, ROW_COUNT())', 'SET @n = FOUND_ROWS()',
                    'GET DIAGNOSTICS @n = NUMBER'):
            assert fails(mixed, sql) == 1235, sql
        ok(mixed, 'UPDATE s SET v = 3 WHERE id = 0')
        ok(mixed, 'INSERT INTO led (client, n) VALUES (91, ROW_COUNT())')
        assert mixed.query('SELECT n FROM led WHERE client = 91') == [(b'0',)]
        ok(mixed, 'DELETE FROM led WHERE client = 91')
        sid = stored.prepare(b'SELECT ROW_COUNT()')
        assert not isinstance(sid, bytes)
        for c in clients:
            c.close()
        control.mode('replica')
        assert control.tell('mode source').startswith('ok')

def left_lost():
    """... and when it is lost with the old writer, the session that asks for it is."""
    control = Control()
    assert control.tell('mode replica').startswith('ok')
    asks, goes_on, has_id = session(), session(), session()
    for c in (asks, goes_on):
        assert len(c.query(FIND)) == 3
    ok(has_id, 'INSERT INTO s (v) VALUES (5)')
    control.mode('primary')
    kill_backends(os.environ['FROM'])
    assert is_gone(has_id) is True
    assert where(goes_on) == B
    assert goes_on.query('SELECT FOUND_ROWS()') == [(b'1',)]
    assert fails(asks, 'SELECT FOUND_ROWS()') == 'GONE'
    control.mode('replica')
    assert control.tell('mode source').startswith('ok')

def read_only():
    """SET SESSION TRANSACTION READ ONLY is in force at the new writer."""
    control = Control()
    assert control.tell('mode replica').startswith('ok')
    sessions = []
    for sql in ('SET SESSION TRANSACTION READ ONLY', 'SET SESSION TRANSACTION READ ONLY, ISOLATION LEVEL SERIALIZABLE',
                'SET SESSION %s = 1' % ('tx_read_only' if MARIADB else 'transaction_read_only')):
        c = session()
        ok(c, sql)
        assert fails(c, 'UPDATE s SET v = 1 WHERE id = 0') == 1792, sql
        sessions.append(c)
    back = session()
    ok(back, 'SET SESSION TRANSACTION READ ONLY')
    ok(back, 'SET SESSION TRANSACTION READ WRITE')
    # of the next one alone: not the session's
    once = session()
    ok(once, 'SET TRANSACTION READ ONLY')
    assert fails(once, 'UPDATE s SET v = 1 WHERE id = 0') == 1792
    ok(once, 'COMMIT')
    # what opens no transaction does not use it up
    later = session()
    ok(later, 'SET TRANSACTION READ ONLY')
    assert later.query('SELECT 1') == [(b'1',)]
    control.mode('primary')
    for c in sessions:
        assert fails(c, 'UPDATE s SET v = 1 WHERE id = 0') == 1792
        assert where(c) == B
    assert fails(later, 'UPDATE s SET v = 1 WHERE id = 0') == 1213
    for c in (back, once):
        ok(c, 'UPDATE s SET v = 1 WHERE id = 0')
    ok(sessions[0], 'SET SESSION TRANSACTION READ WRITE')
    ok(sessions[0], 'UPDATE s SET v = 1 WHERE id = 0')
    control.mode('replica')
    ok(sessions[0], 'UPDATE s SET v = 1 WHERE id = 0')
    assert fails(sessions[1], 'UPDATE s SET v = 1 WHERE id = 0') == 1792
    sessions[1].command(0x1f)  # COM_RESET_CONNECTION
    assert sessions[1].read()[0] == 0
    ok(sessions[1], 'UPDATE s SET v = 1 WHERE id = 0')
    assert control.tell('mode source').startswith('ok')

def committed():
    """A transaction that has only read, and reads what is committed at each moment, does not read at
    the old writer for ever; one that has a snapshot may."""
    control = Control()
    assert control.tell('mode replica').startswith('ok')
    levels = {'READ COMMITTED': 1213, 'READ UNCOMMITTED': 1213, 'REPEATABLE READ': A}
    clients = []
    for level, want in levels.items():
        for begin in ('BEGIN', 'SET autocommit = 0'):
            c = session(DEPRECATE_EOF | PLAIN)
            ok(c, 'SET SESSION TRANSACTION ISOLATION LEVEL ' + level)
            clients.append((c, begin, want))
    c = session(DEPRECATE_EOF | PLAIN)
    ok(c, 'SET TRANSACTION ISOLATION LEVEL READ COMMITTED')
    clients.append((c, 'BEGIN', 1213))
    clients.append((session(DEPRECATE_EOF | PLAIN), 'BEGIN', A))
    for c, begin, _ in clients:
        ok(c, begin)
        assert c.query('SELECT COUNT(*) FROM s')
    assert control.tell('warm').startswith('ok')
    control.mode('primary')
    for c, begin, want in clients:
        if want == 1213:
            assert fails(c, 'SELECT @@server_id, COUNT(*) FROM s') == 1213, begin
            assert c.query('SELECT @@server_id, COUNT(*) FROM s')[0][0] == B
        else:
            got = c.query('SELECT v FROM s LIMIT 1')
            assert not isinstance(got, bytes), got
            assert where_reading(c) == A, begin
        ok(c, 'COMMIT')
        assert where(c) == B
        c.close()
    control.mode('replica')
    assert control.tell('mode source').startswith('ok')

def where_reading(c):
    """@@server_id is no plain read: where the transaction reads, by a table that differs."""
    got = c.query('SELECT COUNT(*) FROM side')
    assert not isinstance(got, bytes), err(got)
    return {b'1': A, b'0': B}.get(got[0][0], got)

def conflicts():
    """A transaction that gets 1213 loses nothing else of its session."""
    control = Control()
    assert control.tell('mode replica').startswith('ok')
    c = session()
    ok(c, 'SET autocommit=0')
    ok(c, 'INSERT INTO s (v) VALUES (6)')
    ok(c, 'COMMIT')
    ident = c.query('SELECT LAST_INSERT_ID()')
    assert c.query('SELECT COUNT(*) FROM s')
    control.mode('primary')
    assert fails(c, 'INSERT INTO s (v) VALUES (LAST_INSERT_ID())') == 1213
    ok(c, 'ROLLBACK')
    assert c.query('SELECT LAST_INSERT_ID()') == ident
    ok(c, 'COMMIT')
    control.mode('replica')
    assert control.tell('mode source').startswith('ok')

def idle():
    """An idle session whose server's connection is lost ends, as it does without a router, unless it
    has done nothing that could differ."""
    fresh, reset, prepared = session(), session(), session()
    ok(reset, 'SET @v = 1')
    reset.command(0x1f)
    assert reset.read()[0] == 0
    prepared.prepare(b'SELECT 1')
    ended = []
    for sql in ('INSERT INTO s (v) VALUES (7)', 'SELECT 1', 'SET @v = 1', 'SET TRANSACTION READ ONLY', 'DO 0', 'BEGIN',
                'SELECT v FROM s', 'SET NAMES latin1'):
        c = session()
        assert not isinstance(c.query(sql), bytes)
        ended.append((c, sql))
    kill_backends(os.environ['FROM'])
    for c, sql in ended:
        assert is_gone(c) is True, sql
    for c, what in ((fresh, 'fresh'), (reset, 'reset'), (prepared, 'prepared')):
        assert where(c) == A, what

def kills():
    """KILL of oneself ends the session, by the server's id and by the router's."""
    for sql in ('KILL CONNECTION_ID()', 'KILL %d'):
        c = session()
        code = fails(c, sql % c.id if '%' in sql else sql)
        assert code == (1927 if MARIADB else 1317), code
        # 1053 when the statement was faster than the end of the connection
        assert fails(c, 'SELECT 1') in ('GONE', 1053)
        c = session()
        assert fails(c, sql.replace('KILL', 'KILL QUERY') % c.id if '%' in sql else
                     sql.replace('KILL', 'KILL QUERY')) == 1317
        assert c.query('SELECT 1') == [(b'1',)]

def timeout():
    """A server that closes an idle connection may say why."""
    c = session()
    ok(c, 'SET wait_timeout = 1')
    got = is_gone(c)
    assert got is True if MARIADB else err(got)[0] == 4031, got

def root(sql, suffix=None):
    """As the server's own user mi: the first value of each row."""
    client = ['mariadb', '--defaults-file=' + os.environ['MI_CONFIG'],
              '--defaults-group-suffix=_' + (suffix or os.environ['FROM']), '-N', '-e', sql]
    out = subprocess.run(client, check=True, capture_output=True, text=True).stdout
    return [line.split('\t')[0] for line in out.splitlines()]

def until(what, test):
    end = time.monotonic() + 30
    while not test():
        assert time.monotonic() < end, what
        time.sleep(0.02)

def runs(sql):
    return root("SELECT id FROM information_schema.processlist WHERE user = 'app' AND (info LIKE '%s')" % sql)

def vanish():
    """A client that goes while a server works: what only reads or waits is ended, a write is not."""
    control = Control()
    blocker = session()
    assert blocker.query("SELECT GET_LOCK('vanish', 0)") == [(b'1',)]
    waits = 'SELECT SLEEP(600)', "SELECT GET_LOCK('vanish', 600)", 'DO SLEEP(600)'
    clients = []
    for sql in waits:
        for last in (b'', packet(0, b'\1')):
            c = session()
            c.command(3, sql.encode())
            clients.append((c, last))
    # as text of the statement they are alike
    of_them = "%(600)' OR info LIKE '%, 600)"
    until('they run', lambda: len(runs(of_them)) == len(clients))
    for c, last in clients:
        c.send(last)
        c.close()
    until('they end', lambda: not runs(of_them))
    # commands that are behind the one that runs are run
    ok(blocker, 'DELETE FROM led WHERE client = 70')
    c = session()
    c.send(packet(0, b'\3SELECT SLEEP(0.1)') + packet(0, b'\3INSERT INTO led (client, n) VALUES (70, 1)'))
    c.sock.shutdown(socket.SHUT_WR)
    assert c.results() == [(b'0',)] and c.results() == ()
    # a write goes on, and is waited for
    ok(blocker, 'BEGIN')
    ok(blocker, 'UPDATE led SET at = 5 WHERE client = 70')
    c = session()
    c.command(3, b'UPDATE led SET at = at + 1 WHERE client = 70')
    until('it waits', lambda: runs('UPDATE led SET at = at + 1%'))
    c.close()
    time.sleep(0.2)
    assert control.status('busy') == '2'
    ok(blocker, 'COMMIT')
    until('it is over', lambda: control.status('busy') == '0')
    assert root('SELECT at FROM app.led WHERE client = 70') == ['6']

def aborted(suffix):
    return int(root("SELECT VARIABLE_VALUE FROM %s.global_status WHERE VARIABLE_NAME = 'Aborted_clients'" %
                    ('information_schema' if MARIADB else 'performance_schema'), suffix)[0])

def leaves():
    """Who takes leave of the router is no aborted client at the servers; who does not, is."""
    control = Control()
    assert control.tell('mode replica').startswith('ok')
    sides = os.environ['FROM'], os.environ['TO']
    before = [aborted(side) for side in sides]
    clients = [session() for _ in range(5)]
    assert control.tell('warm').startswith('ok')
    for c in clients[:4]:
        ok(c, 'DO 0')
        c.command(1)
        assert is_gone(c) is True
    clients[4].close()
    gone = "SELECT id FROM information_schema.processlist WHERE user = 'app'"
    until('all have gone', lambda: not root(gone, sides[0]) and not root(gone, sides[1]))
    until('it is counted', lambda: aborted(sides[0]) == before[0] + 1)
    assert aborted(sides[1]) == before[1]
    assert control.tell('mode source').startswith('ok')

def unpins():
    """What pins a session does so until the last of its kind is given up; also when the statement that
    made it has failed."""
    control = Control()
    c = session()

    def step(sql, pinned, code=None):
        got = c.query(sql) if isinstance(sql, str) else sql()
        assert (err(got)[0] if isinstance(got, bytes) else None) == code, (sql, got)
        assert control.status('pinned') == str(pinned), sql

    def execute(sql):
        sid = c.prepare(sql)
        assert control.status('pinned') == ('1' if b'DROP' in sql else '0')
        c.command(0x17, struct.pack('<IBI', sid, 0, 1))
        return c.one_result(binary=True)[1]

    step('CREATE TEMPORARY TABLE t1 (a INT)', 1)
    step('CREATE TEMPORARY TABLE IF NOT EXISTS app.t2 (a INT)', 1)
    step('CREATE TEMPORARY TABLE t1 (a INT)', 1, 1050)
    step('DROP TABLE t1', 1)
    step('DROP TEMPORARY TABLE IF EXISTS t1, t2', 0)
    step('CREATE TEMPORARY TABLE side (a INT) SELECT 1 FROM nowhere', 0, 1146)
    step(lambda: execute(b'CREATE TEMPORARY TABLE t3 (a INT)'), 1)
    step(lambda: execute(b'DROP TEMPORARY TABLE t3'), 0)
    step('HANDLER s OPEN', 1)
    step('HANDLER app.s OPEN AS x', 1)
    step('HANDLER s CLOSE', 1)
    step('HANDLER x CLOSE', 0)
    step("SELECT GET_LOCK('unpins', 0), (SELECT 1 UNION SELECT 2)", 1, 1242)
    step('DO RELEASE_ALL_LOCKS()', 0)
    step("SELECT GET_LOCK('unpins', 0)", 1)
    step('SELECT RELEASE_ALL_LOCKS()', 0)
    if MARIADB:
        step('SET STATEMENT max_statement_time = 50 FOR SELECT 1', 0)
        step("SET STATEMENT sql_mode = 'ANSI' FOR INSERT INTO s (v) VALUES (1)", 0)
        # the text is not read as if the mode lasted: then this would be a name, and no call
        step('SELECT CONCAT("GET_LOCK(")', 0)
        step("SELECT \"'\", GET_LOCK('unpins', 0), \"'\"", 1)
        step('SELECT RELEASE_ALL_LOCKS()', 0)
    # under another name it is still there
    step('CREATE TEMPORARY TABLE t4 (a INT)', 1)
    step('ALTER TABLE t4 RENAME TO t5', 1)
    step('DROP TEMPORARY TABLE IF EXISTS t4', 1)
    c.command(0x1f)
    assert c.read()[0] == 0
    assert control.status('pinned') == '0'

if __name__ == '__main__':
    globals()[sys.argv[1]]()

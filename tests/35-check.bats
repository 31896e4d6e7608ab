#!/usr/bin/env bats
# mi-check's checks, each provoked on a real server and each found in order on one.
#
#   provoked SIDE LEVEL ID...   the last report says LEVEL for these
#   clean SIDE ID...            the last report says ok for these
#
# The last test counts on these two words: every id must stand behind both.
# shellcheck disable=SC2030,SC2031

. "$BATS_TEST_DIRNAME/lib/helper.bash"
. "$BATS_TEST_DIRNAME/lib/server.bash"
. "$BATS_TEST_DIRNAME/lib/route.bash"

export r_port # by route_up

servers "a:mysql --performance-schema=ON" \
    "m:mariadb --max-allowed-packet=1G --performance-schema=ON" \
    "odd:mariadb --max-allowed-packet=1G --binlog-ignore-db=left_out --lower-case-table-names=1 --log-slave-updates=OFF" \
    "nolog:mariadb --max-allowed-packet=1G --skip-log-bin --basedir=/rdsdbbin --lc-messages-dir=/usr/share/mysql --character-sets-dir=/usr/share/mysql/charsets" \
    "v:mariadb --version=8.0.30-Vitess"

servers_ready() {
	for server in a m; do
		sql $server "CREATE DATABASE shop CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci;
			CREATE TABLE shop.items (id INT PRIMARY KEY, name VARCHAR(40) COLLATE utf8mb4_general_ci);
			INSERT INTO shop.items VALUES (1, 'one'), (2, 'two');
			CREATE USER mean@'%' IDENTIFIED BY 'p'; GRANT INSERT ON shop.* TO mean@'%'"
	done
	sql a "SET GLOBAL sync_binlog = 1, GLOBAL innodb_flush_log_at_trx_commit = 1"
	make_ugly
	# old enough when its test comes
	hold m "BEGIN; INSERT INTO ugly.waits VALUES (1); SELECT 'held'; SELECT SLEEP(600)" >"$BATS_FILE_TMPDIR/old"
}

teardown_file() {
	[ ! -s "$BATS_FILE_TMPDIR/old" ] || kill "$(cat "$BATS_FILE_TMPDIR/old")" 2>/dev/null || true
	servers_down
}

test_begins() {
	held=()
}

teardown() {
	local pid
	for pid in "${held[@]}"; do kill "$pid" 2>/dev/null || true; done
	[ -z "${r_pid-}" ] || route_down r
}

# Everything that is wrong with a database, in one.
make_ugly() {
	local i columns='id INT PRIMARY KEY'
	for ((i = 0; i < 1016; i++)); do columns+=", c$i INT"; done
	sql m <<-END
		SET sql_mode = '';
		CREATE DATABASE ugly CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci;
		USE ugly;
		CREATE TABLE no_key (a INT);
		CREATE TABLE nullable_key (a INT, UNIQUE (a));
		CREATE TABLE old_engine (id INT PRIMARY KEY) ENGINE = MyISAM;
		CREATE TABLE \`größe\` (id INT PRIMARY KEY);
		CREATE TABLE chinese (id INT PRIMARY KEY, t VARCHAR(10) CHARACTER SET gbk);
		CREATE TABLE wide ($columns);
		CREATE TABLE circle (id INT PRIMARY KEY, up INT,
			FOREIGN KEY (up) REFERENCES circle (id) ON DELETE CASCADE);
		CREATE TABLE never (id INT PRIMARY KEY, d DATE NOT NULL DEFAULT '0000-00-00');
		CREATE TABLE _items_gho (id INT PRIMARY KEY);
		CREATE TABLE ids (id UUID PRIMARY KEY);
		CREATE TABLE waits (id INT PRIMARY KEY);
		CREATE FUNCTION f() RETURNS INT DETERMINISTIC RETURN 1;
		CREATE TRIGGER t BEFORE INSERT ON waits FOR EACH ROW SET @t = 1;
		CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO SELECT 1;
		CREATE USER nobody@nowhere;
		CREATE DEFINER = nobody@nowhere VIEW v AS SELECT 1;
	END
}

# hold SERVER STATEMENTS: runs them in the background as root, past their first row; prints the pid.
hold() {
	local out
	out=$(mktemp "$BATS_FILE_TMPDIR/hold.XXXXXX")
	"$ROOT/scripts/sandbox" sql "$1" --unbuffered --skip-column-names --execute="$2" \
	    </dev/null >"$out" 2>&1 3>&- 4>&- &
	echo $!
	wait_until 20 test -s "$out"
}

# report ARGUMENT...: one run as TSV, whatever it finds.
report() {
	run --separate-stderr mi-check --tsv "$@"
	[ "$status" -le 1 ] || [ "$status" -ge 64 ] || fail "status $status" "$stderr"
	report=$output
}

levels() { # SIDE ID: one word where all findings are alike
	awk -F'\t' -v side="$1" -v id="$2" '$1 == side && $2 == id { print $3 }' <<<"$report" | uniq
}

provoked() { # SIDE LEVEL ID...
	local side=$1 level=$2 id
	shift 2
	for id; do
		equal "$(levels "$side" "$id")" "$level" "$side $id in: $report"
		# what blocks can be fixed
		if [ "$level" = blocker ]; then
			awk -F'\t' -v id="$id" '$2 == id && $3 == "blocker" && $5 == "" { bad = 1 }
				END { exit bad }' <<<"$report" || fail "$id does not say what fixes it"
		fi
	done
}

clean() { # SIDE ID...
	provoked "$1" ok "${@:2}"
}

# --- in order

@test "a MySQL source that is in order" {
	report -s a -t m -d shop --map-db=shop=bazaar
	equal "$status" 0 "$report"
	clean source connect tls version log-bin binlog-format session-format row-image binlog-form \
	    gtid-mode gtid-consistency server-id retention binlog-filters durability
	clean source databases row-key engine names charsets limits foreign-keys zero-dates leftovers \
	    definitions views left-behind triggers events
	clean source stream read snapshot write lock xa connections transactions replica writer \
	    user-locks bypass forecast
	clean target connect tls version writable local-infile reverse target-replica stream write \
	    create lock xa connections
	clean pair trial parent-keys json-types row-size router-settings same-server target-empty space name-case packet collations auto-increment definers \
	    peak statements
}

@test "a MariaDB pair that is in order" {
	sql nolog "CREATE USER mean@'%', nobody@nowhere"
	report -s m -t nolog -d shop
	equal "$status" 0 "$report"
	clean source gtid-strict gtid-domains stream xa snapshot replica writer read write lock user-locks
	clean pair session-defaults accounts definers lost trial
	clean pair flavours database-names row-size
	provoked target warning reverse stream # it has no binary log
}

# --- the server

@test "the errors of a login are explained, with a command to try and without the password" {
	(umask 077 && printf '[client_x]\nhost=127.0.0.1\nport=%s\nuser=mean\npassword=not-the-word\n' "$(fact a port)" >bad.cnf)
	report -c bad.cnf -s x -d shop
	equal "$status" 77
	provoked source blocker connect
	contains "$report" "Access denied for user 'mean'"
	contains "$report" "host part, its plugin, and whether it REQUIREs TLS"
	contains "$report" "mysql --host=127.0.0.1 --port=$(fact a port) --user=mean -p"
	lacks "$report$stderr" not-the-word
	report -s nosuchgroup
	equal "$status" 78
	provoked source blocker connect
}

@test "connect, tls" {
	report -s a --port=1 --ssl-mode=DISABLED
	equal "$status" 69
	provoked source blocker connect
	report -s a --ssl-mode=DISABLED --server-public-key-path="$(fact a datadir)/public_key.pem" -d shop
	provoked source warning tls
}

@test "version: Vitess is no source" {
	report -s v
	equal "$status" 1
	provoked source blocker version
	contains "$report" "take a dump"
}

@test "log-bin, stream: a server without a binary log" {
	report -s nolog -A
	equal "$status" 1
	provoked source blocker log-bin stream
}

@test "binlog-format, row-image, binlog-form, gtid-mode, retention, forecast, server-id on MySQL" {
	sql a "SET GLOBAL binlog_format = 'STATEMENT', GLOBAL binlog_row_image = 'MINIMAL',
	    GLOBAL binlog_row_value_options = 'PARTIAL_JSON', GLOBAL gtid_mode = ON_PERMISSIVE,
	    GLOBAL binlog_expire_logs_seconds = 1, GLOBAL sync_binlog = 0, GLOBAL server_id = 0"
	report -s a -d shop
	sql a "SET GLOBAL server_id = $(fact a server_id), GLOBAL gtid_mode = ON,
	    GLOBAL binlog_format = 'ROW', GLOBAL binlog_row_image = 'FULL',
	    GLOBAL binlog_row_value_options = '', GLOBAL binlog_expire_logs_seconds = 2592000,
	    GLOBAL sync_binlog = 1"
	equal "$status" 1
	provoked source blocker binlog-format row-image binlog-form gtid-mode retention server-id
	provoked source warning durability forecast
}

@test "gtid-consistency" {
	sql a "SET GLOBAL gtid_mode = ON_PERMISSIVE; SET GLOBAL gtid_mode = OFF_PERMISSIVE;
	    SET GLOBAL gtid_mode = OFF; SET GLOBAL enforce_gtid_consistency = WARN"
	report -s a -d shop
	sql a "SET GLOBAL enforce_gtid_consistency = ON; SET GLOBAL gtid_mode = OFF_PERMISSIVE;
	    SET GLOBAL gtid_mode = ON_PERMISSIVE; SET GLOBAL gtid_mode = ON"
	provoked source blocker gtid-consistency gtid-mode stream
}

@test "session-format, user-locks, bypass: what other sessions do on MySQL" {
	held=("$(hold a "SET SESSION binlog_format = 'STATEMENT'; SELECT GET_LOCK('l', 1); SELECT SLEEP(600)")")
	report -s a -d shop
	provoked source blocker session-format
	provoked source warning user-locks bypass
	contains "$report" "of: root"
	report -s a -d shop --copy-only
	provoked source warning session-format
}

@test "binlog-format, row-image, gtid-strict, gtid-domains, retention, forecast on MariaDB" {
	sql m "SET GLOBAL binlog_format = 'MIXED', GLOBAL binlog_row_image = 'MINIMAL',
	    GLOBAL binlog_expire_logs_seconds = 1, GLOBAL gtid_strict_mode = OFF;
	    SET SESSION gtid_domain_id = 7; CREATE DATABASE elsewhere"
	report -s m -d shop
	sql m "SET GLOBAL binlog_format = 'ROW', GLOBAL binlog_row_image = 'FULL',
	    GLOBAL binlog_expire_logs_seconds = 0, GLOBAL gtid_strict_mode = ON"
	equal "$status" 1
	provoked source blocker binlog-format row-image retention
	provoked source warning gtid-strict gtid-domains forecast durability
}

@test "retention on RDS: its own setting counts" { # nolog's basedir is that of RDS
	for hours in 48 72 NULL; do
		sql nolog "CREATE OR REPLACE PROCEDURE mysql.rds_show_configuration()
			SELECT 'binlog retention hours' AS name, $hours AS value, '' AS description"
		report -s nolog -A
		if [ $hours = 72 ]; then clean source retention; else provoked source blocker retention; fi
	done
	sql nolog "DROP PROCEDURE mysql.rds_show_configuration"
	report -s nolog -A
	provoked source warning retention
}

@test "binlog-filters, replica: a replica that does not log what it applies" {
	sql odd "CHANGE MASTER TO MASTER_HOST = '127.0.0.1', MASTER_PORT = 1, MASTER_USER = 'x'"
	report -s odd -A
	sql odd "RESET SLAVE ALL"
	equal "$status" 1
	provoked source blocker binlog-filters replica
}

@test "replica: one whose replication does not run, or is behind" {
	sql m "CHANGE MASTER TO MASTER_HOST = '127.0.0.1', MASTER_PORT = 1, MASTER_USER = 'x'"
	report -s m -d shop
	sql m "RESET SLAVE ALL"
	provoked source warning replica
	contains "$report" "START REPLICA"
}

@test "target-replica: the target replicates, from another server or from the source" {
	sql nolog "CHANGE MASTER TO MASTER_HOST = '127.0.0.1', MASTER_PORT = 1, MASTER_USER = 'x'"
	report -s m -t nolog -d shop
	provoked target warning target-replica
	sql nolog "CHANGE MASTER TO MASTER_HOST = '127.0.0.1', MASTER_PORT = $(fact m port), MASTER_USER = 'mi',
	    MASTER_PASSWORD = '$(sed -n '/^\[client_m\]/,/^$/s/^password=//p' "$MI_CONFIG")', MASTER_SSL = 1,
	    MASTER_SSL_VERIFY_SERVER_CERT = 0, MASTER_USE_GTID = slave_pos;
	    SET GLOBAL gtid_slave_pos = '$(sql m "SELECT @@gtid_binlog_pos")'; START SLAVE"
	wait_until 20 knows_source nolog "$(sql m "SELECT @@server_id")"
	report -s m -t nolog -d shop
	sql nolog "STOP SLAVE; RESET SLAVE ALL"
	provoked target blocker target-replica
}

knows_source() { # SERVER ID
	sql "$1" "SHOW ALL SLAVES STATUS" | tr '\t' '\n' | grep -qx "$2"
}

@test "transactions: one that has lasted" {
	old() {
		report -s m -d shop
		[ "$(levels source transactions)" = warning ]
	}
	wait_until 30 old
	old
	provoked source warning transactions
}

@test "xa: prepared transactions, on both flavours and sides" {
	for server in a m; do
		sql $server "XA START 'x'; INSERT INTO shop.items VALUES (9, 'nine'); XA END 'x'; XA PREPARE 'x'"
	done
	report -s a -t m -d shop
	for server in a m; do sql $server "XA ROLLBACK 'x'"; done
	provoked source blocker xa
	provoked target warning xa
	report -s m -d shop
	clean source xa
}

@test "writer: a source that is read-only, and another server that is the writer" {
	sql a "SET GLOBAL super_read_only = ON"
	report -s a -d shop
	sql a "SET GLOBAL super_read_only = OFF, GLOBAL read_only = OFF"
	equal "$status" 1
	provoked source blocker writer
	contains "$report" "--writer"
	report -s a --writer=m -d shop # nothing of m has ever come to a
	provoked source blocker writer
	report -s a --writer=a_root -d shop
	clean source writer
}

@test "connections, peak, statements: too few on either side" {
	local i pids=()
	for i in 1 2 3 4 5 6 7 8 9 10 11 12; do
		"$ROOT/scripts/sandbox" sql m --execute="SELECT SLEEP(1)" </dev/null >/dev/null 3>&- 4>&- &
		pids+=($!)
	done
	wait "${pids[@]}"
	sql odd "SET GLOBAL max_connections = 10, GLOBAL max_prepared_stmt_count = 1"
	report -s m -t odd -d shop
	sql odd "SET GLOBAL max_connections = 151, GLOBAL max_prepared_stmt_count = 16382"
	provoked target blocker connections
	provoked pair warning peak statements
	sql m "CREATE USER few@'%' IDENTIFIED BY 'p' WITH MAX_USER_CONNECTIONS 5"
	(umask 077 && printf '[client_few]\nhost=127.0.0.1\nport=%s\nuser=few\npassword=p\n' "$(fact m port)" >few.cnf)
	report -c few.cnf -s few -d shop
	sql m "DROP USER few@'%'"
	provoked source blocker connections
	contains "$report" "may have 5 connections"
	sql a "SET GLOBAL max_connections = 9"
	report -s a -d shop
	sql a "SET GLOBAL max_connections = 151"
	provoked source blocker connections
}

# --- what is imported

@test "databases: none of that name; one that holds what no copy carries" {
	report -s a -d nowhere
	provoked source blocker databases
	sql m "CREATE DATABASE counted; CREATE SEQUENCE counted.s"
	report -s m -d counted
	sql m "DROP DATABASE counted"
	equal "$status" 1
	provoked source blocker databases
	contains "$report" "sequence counted.s"
}

@test "lost: what a trigger calls, and a view's function" {
	sql m "CREATE DATABASE calls COLLATE utf8mb4_general_ci; CREATE TABLE calls.t (id INT PRIMARY KEY, a VARCHAR(9));
		CREATE VIEW calls.v AS SELECT NVL2(a, 1, 2) FROM calls.t"
	report -s m -t a -d calls
	sql m "DROP DATABASE calls"
	provoked pair blocker lost
	contains "$report" "the target has no function NVL2: view calls.v"
}

@test "write: columns without a default, on both flavours and sides" {
	for server in a m; do
		sql $server "CREATE DATABASE strict COLLATE utf8mb4_general_ci; CREATE TABLE strict.t (id INT PRIMARY KEY,
			name VARCHAR(9) NOT NULL, n INT NOT NULL, g INT AS (n + 1) STORED)"
	done
	for pair in "a m" "m a"; do
		report -s "${pair% *}" -t "${pair#* }" -d strict
		clean source write
		clean target write
		lacks "$report" "default value"
	done
	for server in a m; do sql $server "DROP DATABASE strict"; done
}

@test "a messy database: each name once, with what of it is meant, in order, and long lists cut" {
	local i u
	{
		echo "SET sql_mode = ''; CREATE DATABASE messy COLLATE utf8mb4_general_ci; USE messy;
			CREATE USER one@nowhere, two@nowhere, three@nowhere;"
		for ((i = 50; i > 0; i--)); do
			echo "CREATE TABLE t$i (id INT PRIMARY KEY, d DATE NOT NULL DEFAULT '0000-00-00',
				e DATETIME NOT NULL DEFAULT '0000-00-00 00:00:00'); INSERT INTO t$i (id) VALUES (1);"
		done
		for i in 1 2 3 4 5 6 7 8 9 10; do
			u=$(cut -d' ' -f $((i % 3 + 1)) <<<"one two three")
			echo "CREATE DEFINER=$u@nowhere PROCEDURE p$i() SELECT 1; CREATE DEFINER=$u@nowhere VIEW v$i AS SELECT 1;
				CREATE DEFINER=$u@nowhere TRIGGER tr$i BEFORE INSERT ON t$i FOR EACH ROW SET @x = 1;
				CREATE DEFINER=$u@nowhere EVENT e$i ON SCHEDULE EVERY 1 DAY DISABLE DO SELECT 1;"
		done
		printf "SET sql_mode = 'ORACLE';\nDELIMITER //\n"
		for i in 1 2; do
			echo "CREATE PACKAGE pk$i AS PROCEDURE a; END//"
			echo "CREATE PACKAGE BODY pk$i AS PROCEDURE a IS BEGIN SELECT 1; END; END//"
		done
	} | sql m
	report -s m -t a -d messy
	sql m "DROP DATABASE messy; DROP USER one@nowhere, two@nowhere, three@nowhere"
	contains "$report" "the target's sql_mode refuses: messy.t1 (d date, e datetime), messy.t2 (d date, e datetime), messy.t3 (d"
	contains "$report" "messy.t5 (d date, e datetime) and 45 more"
	contains "$report" "messy.t4 (d, e), messy.t5 (d, e) and 45 more (50 tables looked at whole)"
	contains "$report" "one@nowhere (3 views, 3 routines, 3 triggers, 3 events), three@nowhere (3 views"
	contains "$report" "messy.p1, messy.p2, messy.p3, messy.p4, messy.p5 and 7 more" # two packages, each once
	contains "$report" "the target has no sql_mode ORACLE: routine messy.pk1, routine messy.pk2"
	# nothing is said twice, and no name stands in a list twice
	equal "$(sort <<<"$report" | uniq -d)" ""
	equal "$(cut -f 1-4 <<<"$report" | awk -F '[:,] ' '{ split("", seen); for (i = 2; i <= NF; i++)
		if ($i ~ /messy/ && seen[$i]++) print }')" ""
}

@test "a database with everything wrong, for MySQL" {
	report -s m -t a -d ugly
	equal "$status" 1
	provoked source blocker row-key engine definitions
	provoked source warning names charsets foreign-keys zero-dates leftovers left-behind triggers events
	clean source limits
	contains "$report" "ugly.no_key, ugly.nullable_key"
	contains "$report" "ugly.größe"
	contains "$report" "account"
	contains "$report" "they are dropped on one side and made on the other"
	provoked pair warning definers accounts flavours
	contains "$report" nobody@nowhere
	report -s m -d ugly --copy-only
	provoked source warning row-key
	report -s m -d ugly -X ugly.no_key -X ugly.nullable_key
	clean source row-key
}

@test "the same database for PlanetScale and Vitess, without a server of theirs" {
	for kind in --target-kind=planetscale --target=vitess; do
		report -s m -d ugly $kind
		equal "$status" 1
		provoked source blocker names charsets limits foreign-keys zero-dates
		provoked source warning left-behind triggers events
		report -s m -d shop $kind
		equal "$status" 0 "$report"
		clean source names charsets limits foreign-keys zero-dates
	done
	run_exit 64 mi-check -s m --target-kind=oracle
}

@test "names: a prefix that Vitess keeps for itself" {
	sql m "CREATE DATABASE prefixed; CREATE TABLE prefixed._vt_x (id INT PRIMARY KEY)"
	report -s m -d prefixed --target-kind=vitess
	provoked source blocker names
	report -s m -d prefixed
	sql m "DROP DATABASE prefixed"
	clean source names
}

@test "row-key, definitions: generated, invisible columns and generated primary keys are in order" {
	sql a "CREATE DATABASE modern; USE modern; SET sql_generate_invisible_primary_key = ON; CREATE TABLE g (a INT);
		SET sql_generate_invisible_primary_key = OFF;
		CREATE TABLE h (id INT PRIMARY KEY, a INT INVISIBLE, b INT AS (a + 1), c INT AS (a + 2) STORED, UNIQUE (c), KEY ((a * 2)))"
	report -s a -d modern
	sql a "DROP DATABASE modern"
	clean source row-key definitions
}

@test "generated: stored columns that are computed by a session's settings" {
	local server
	for server in a m; do
		sql $server "CREATE DATABASE gen; CREATE TABLE gen.t (id INT PRIMARY KEY, n INT, m INT, ts TIMESTAMP NULL,
		  a INT AS (n + m) STORED, b DATETIME AS (ts) VIRTUAL)"
		report -s $server -d gen
		clean source generated
		sql $server "ALTER TABLE gen.t ADD q DECIMAL(20,10) AS (n / m) STORED, ADD h DATETIME AS (ts + INTERVAL 1 HOUR) STORED"
		report -s $server -d gen
		provoked source warning generated
		contains "$report" "q: div_precision_increment"
		contains "$report" "h: time_zone"
		sql $server "ALTER TABLE gen.t DROP q, DROP h, ADD u INT UNSIGNED, ADD c CHAR(5), ADD v VARCHAR(20), ADD t TIME, ADD d DATETIME(3),
		  ADD f1 INT AS (LENGTH(v)) STORED, ADD f2 INT AS (HOUR(t)) STORED, ADD f3 DATETIME(6) AS (d) STORED, ADD f4 INT AS (n - m) STORED"
		report -s $server -d gen
		clean source generated
		sql $server "ALTER TABLE gen.t ADD s1 DATETIME AS (b) STORED, ADD s2 DATE AS (v) STORED, ADD s3 DATETIME AS (t) STORED, ADD s4 INT AS (TO_DAYS(t)) STORED"
		report -s $server -d gen
		contains "$report" "s1: time_zone"
		contains "$report" "s2: sql_mode (which dates are valid)"
		contains "$report" "s3: the day on which it is written"
		contains "$report" "s4: the day on which it is written"
		if [ $server = a ]; then # MariaDB refuses these itself
			sql a "ALTER TABLE gen.t DROP s1, DROP s2, DROP s3, DROP s4, ADD s5 BIGINT AS (u - n) STORED,
			  ADD s6 VARCHAR(9) AS (CONCAT(c, '|')) STORED, ADD s7 DATETIME AS (d) STORED, ADD s8 TIMESTAMP AS (d) STORED NULL"
			report -s a -d gen
			contains "$report" "s5: sql_mode (NO_UNSIGNED_SUBTRACTION)"
			contains "$report" "s6: sql_mode (PAD_CHAR_TO_FULL_LENGTH)"
			contains "$report" "s7: sql_mode (TIME_TRUNCATE_FRACTIONAL)"
			contains "$report" "s8: "
		fi
		sql $server "DROP DATABASE gen"
	done
}

@test "left-behind: a table under the prefix of the bookkeeping" {
	sql m "CREATE DATABASE taken; CREATE TABLE taken._mi_mine (id INT PRIMARY KEY); CREATE TABLE taken.t (id INT PRIMARY KEY)"
	report -s m -d taken
	sql m "RENAME TABLE taken._mi_mine TO taken._mi_checkpoint"
	provoked source blocker left-behind
	contains "$report" taken._mi_mine
	report -s m -d taken
	sql m "DROP DATABASE taken"
	clean source left-behind
}

@test "views that the target would refuse, foreign keys that it makes by a setting" {
	sql m "CREATE DATABASE needy; USE needy; CREATE TABLE p (id INT PRIMARY KEY, x INT, KEY (x));
		CREATE TABLE c (id INT PRIMARY KEY, x INT, CONSTRAINT cx FOREIGN KEY (x) REFERENCES p (x));
		CREATE TABLE gone (id INT PRIMARY KEY); CREATE VIEW invalid AS SELECT id FROM gone; DROP TABLE gone;
		CREATE VIEW away AS SELECT id FROM shop.items"
	report -s m -t a -d needy
	provoked source blocker views
	contains "$report" "invalid on the source itself: needy.invalid"
	lacks "$report" "needs shop.items" # the target has it
	provoked pair warning parent-keys
	contains "$report" needy.c.cx
	report -s m -d needy --skip-invalid-views
	provoked source warning views
	contains "$report" "needy.away (needs shop.items)"
	sql m "DROP DATABASE needy"
}

# --- dates

@test "date-values: days of a calendar, and such as are none" {
	local server value column
	for server in a m; do
		sql $server "CREATE DATABASE dates; CREATE TABLE dates.t (id INT PRIMARY KEY, d DATE, at DATETIME(3), s TIMESTAMP NULL);
			INSERT INTO dates.t VALUES (1, '2024-02-29', '2024-12-31 23:59:59.999', '2024-06-30 12:00:00'), (2, NULL, NULL, NULL);
			CREATE TABLE dates.u (id INT PRIMARY KEY); CREATE TABLE dates.empty (d DATE)"
		report -s $server -d dates --copy-only
		clean source date-values
		contains "$report" "2 tables looked at whole"
		for value in d=0000-00-00 d=2024-00-10 d=2024-05-00 d=2024-02-30 at=2024-00-00 "at=0000-00-00 00:00:00" "s=0000-00-00 00:00:00"; do
			column=${value%%=*}
			sql $server "SET sql_mode = 'ALLOW_INVALID_DATES'; REPLACE dates.t (id, $column) VALUES (3, '${value#*=}')"
			report -s $server -d dates
			provoked source warning date-values
			contains "$report" "in dates.t ($column) (2 tables looked at whole)"
		done
		report -s $server -d dates --target-kind=planetscale
		provoked source blocker date-values
		sql odd "SET GLOBAL sql_mode = ''"
		report -s $server -t odd -d dates
		sql odd "SET GLOBAL sql_mode = DEFAULT"
		clean source date-values
		contains "$report" "the target's sql_mode takes"
		equal "$(sql $server "SELECT COUNT(*) FROM dates.t")" 3
		sql $server "DROP DATABASE dates"
	done
}

@test "date-values: of a large table its ends and its indexes, and that is said" {
	sql m "CREATE DATABASE dates; USE dates; CREATE TABLE dates.big (id INT PRIMARY KEY, d DATE, e DATE, KEY (d));
		INSERT INTO dates.big SELECT seq, '2024-01-01', '2024-01-01' FROM seq_1_to_200000; ANALYZE TABLE dates.big"
	report -s m -d dates
	provoked source warning date-values
	contains "$report" "0 tables looked at whole; 1 in part"
	contains "$report" "each end: dates.big"
	sql m "SET sql_mode = ''; UPDATE dates.big SET d = 0 WHERE id = 100000" # an index finds it
	report -s m -d dates
	contains "$report" "in dates.big (d) (0 tables"
	sql m "SET sql_mode = ''; UPDATE dates.big SET d = '2024-01-01' WHERE id = 100000;
	    UPDATE dates.big SET e = 0 WHERE id = 199000" # an end has it
	report -s m -d dates
	contains "$report" "in dates.big (e) (0 tables"
	sql m "DROP DATABASE dates"
}

@test "date-values: a table that somebody has locked is not waited for" {
	sql m "CREATE DATABASE dates; CREATE TABLE dates.t (id INT PRIMARY KEY, d DATE); CREATE TABLE dates.u (id INT PRIMARY KEY, d DATE)"
	held=("$(hold m "LOCK TABLES dates.t WRITE; SELECT 'held'; SELECT SLEEP(600)")")
	report -s m -d dates -X dates.nothing
	kill "${held[0]}"
	wait_until 20 unlocked
	sql m "DROP DATABASE dates"
	contains "$report" "1 not at all, for lack of time: dates.t"
}

unlocked() {
	sql m "SET lock_wait_timeout = 1; SELECT COUNT(*) FROM dates.t"
}

# --- the router's users

# users_file NAME PASSWORD...: the router's users file, of accounts with these passwords.
users_file() {
	rm -f users
	while [ $# -gt 0 ]; do
		(umask 077 && printf '[%s]\npassword="%s"\n' "$1" "$2" >>users)
		shift 2
	done
}

finding() { # SIDE ID PATTERN: text and fix of the one finding that has it
	awk -F'\t' -v side="$1" -v id="$2" '$1 == side && $2 == id' <<<"$report" | grep -F -- "$3" | cut -f 4,5
}

@test "logins: as each user on both sides, whatever is cached, with TLS and without" {
	local server plain
	plain="--ssl-mode=DISABLED --server-public-key-path=$(fact a datadir)/public_key.pem"
	for server in a m; do
		sql $server "CREATE USER rita@'%' IDENTIFIED BY 'clear €rita'; CREATE USER raul@'%' IDENTIFIED BY 'clear raul'; CREATE USER nopass@'%'"
	done
	users_file rita 'clear €rita' raul 'clear raul' nopass ''
	for server in "a m" "a m $plain" "m a" "m a $plain" "a_root m_root"; do
		# shellcheck disable=SC2086
		set -- $server
		report -s "$1" -t "$2" "${@:3}" -d shop --users=users
		clean source logins
		clean target logins
		contains "$report" "as each of 3 accounts"
		lacks "$report$stderr" "clear "
	done
	# a server's key that is not given is not taken from whoever answers
	report -s a -d shop --users=users --ssl-mode=DISABLED
	contains "$(finding source logins "'rita'")" "server-public-key-path"
	lacks "$report$stderr" "clear "
	# the writer is where the router's source is
	sql a "ALTER USER rita@'%' IDENTIFIED BY 'other'"
	report -s m -t m --writer=a -d shop --users=users
	provoked source blocker logins
	clean target logins
	# a side that was detached, another account for a side, and the same account for two users
	printf '%s\n' '[one]' password=x source-user=rita 'source-password="clear €rita"' detached=target \
	    '[two]' password=y source-user=rita 'source-password="clear €rita"' detached=target >users
	report -s m -t a -d shop --users=users
	clean source logins
	contains "$report" "as each of 1 account,"
	provoked target warning logins
	for server in a m; do sql $server "DROP USER rita@'%', raul@'%', nopass@'%'"; done
	report -s m -t a -d shop
	provoked source warning logins
	contains "$report" "no users file is named"
	report -s m -d shop --copy-only
	clean source logins
}

@test "logins: each reason why the router does not get in, by name" {
	local server side who
	for server in a m; do
		sql $server "CREATE USER locked@'%' IDENTIFIED BY 'secret1' ACCOUNT LOCK;
			CREATE USER expired@'%' IDENTIFIED BY 'secret2' PASSWORD EXPIRE;
			CREATE USER cert@'%' IDENTIFIED BY 'secret3' REQUIRE X509;
			CREATE USER named@'%' IDENTIFIED BY 'secret3' REQUIRE SUBJECT '/CN=nobody';
			CREATE USER tls@'%' IDENTIFIED BY 'secret3' REQUIRE SSL;
			CREATE USER wrong@'%' IDENTIFIED BY 'another';
			CREATE USER away@'10.1.2.3' IDENTIFIED BY 'secret4';
			CREATE USER busy@'%' IDENTIFIED BY 'secret5' WITH MAX_CONNECTIONS_PER_HOUR 1;
			CREATE USER fine@'%' IDENTIFIED BY 'secret6'"
	done
	sql a "CREATE USER stranger@'%' IDENTIFIED WITH sha256_password BY 'secret7'"
	users_file locked secret1 expired secret2 cert secret3 named secret3 tls secret3 wrong secret4 away secret4 \
	    busy secret5 fine secret6 absent secret8 stranger secret7
	report -s a -t m -d shop --users=users
	report -s a -t m -d shop --users=users # busy once more
	equal "$status" 1
	lacks "$report$stderr" secret
	provoked source blocker logins
	provoked target blocker logins
	for side in source target; do
		for who in locked expired cert named wrong away busy absent; do
			contains "$(finding $side logins "to the $side as '$who': ")" $'\t'
		done
		lacks "$(finding $side logins "'fine'")" .
		lacks "$(finding $side logins "as 'tls'")" .
		contains "$(finding $side logins "'locked'")" "ACCOUNT UNLOCK"
		contains "$(finding $side logins "'expired'")" "ALTER USER ... IDENTIFIED BY a new password"
		contains "$(finding $side logins "'cert'")" "ssl-cert and ssl-key in [client_"
		contains "$(finding $side logins "'named'")" "SUBJECT"
		contains "$(finding $side logins "'wrong'")" "the password in the users file"
		contains "$(finding $side logins "'away'")" "host part"
		contains "$(finding $side logins "'busy'")" "MAX_USER_CONNECTIONS"
		contains "$(finding $side logins "'absent'")" "CREATE USER 'absent'@"
	done
	contains "$(finding source logins "'stranger'")" "wants the authentication method 'sha256_password'"
	contains "$(finding source logins "'stranger'")" "give it caching_sha2_password"
	# without TLS, and with a certificate
	report -s a -d shop --users=users --ssl-mode=DISABLED \
	    --server-public-key-path="$(fact a datadir)/public_key.pem"
	contains "$(finding source logins "as 'tls'")" "REQUIREs TLS"
	for server in a m; do
		report -s $server -d shop --users=users --ssl-cert="$(fact $server tls)/client-cert.pem" \
		    --ssl-key="$(fact $server tls)/client-key.pem"
		lacks "$(finding source logins "as 'cert'")" .
		contains "$(finding source logins "as 'named'")" "may not be that"
	done
	# what the server says is enough when it shows no accounts
	option_file mean_a a
	report -c small.cnf -s mean_a -d shop --users=users
	contains "$(finding source logins "'cert'")" "SHOW CREATE USER 'cert'@"
	for server in a m; do
		sql $server "DROP USER locked@'%', expired@'%', cert@'%', named@'%', tls@'%', wrong@'%', away@'10.1.2.3', busy@'%', fine@'%'"
	done
	sql a "DROP USER stranger@'%'"
}

@test "logins: the users file must be nobody else's, and of its form" {
	users_file rita secret1
	chmod 644 users
	run_exit 78 mi-check -s a -d shop --users=users
	contains "$stderr" "others may read"
	users_file rita secret1
	echo 'nonsense=secret2' >>users
	run_exit 78 mi-check -s a -d shop --users=users
	lacks "$output$stderr" secret
	run_exit 78 mi-check -s a -d shop --users=nowhere
}

@test "logins: many users in little time" {
	local i users=${MI_CHECK_USERS:-200} begin end
	for ((i = 0; i < users; i++)); do echo "CREATE USER u$i@'%' IDENTIFIED BY 'word$i';"; done >many.sql
	for server in a m; do sql $server <many.sql; done
	for ((i = 0; i < users; i++)); do printf '[u%s]\npassword=word%s\n' $i $i; done >users
	chmod 600 users
	begin=${EPOCHREALTIME/./}
	report -s a -t m -d shop --users=users
	end=${EPOCHREALTIME/./}
	sed 's/CREATE/DROP/; s/ IDENTIFIED.*/;/' many.sql >fewer.sql
	for server in a m; do sql $server <fewer.sql; done
	clean source logins
	clean target logins
	contains "$report" "as each of $users accounts"
	echo "# $users users on both sides: $(((end - begin) / 1000)) ms" >&3
	[ $((end - begin)) -lt 60000000 ]
}

@test "logins: a server that does not answer holds nobody up for long" {
	local silent port begin=$SECONDS
	port=$(free_port)
	users_file rita secret1 raul secret2
	# it takes connections, and says nothing
	python3 -c 'import socket, sys, time
s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(("127.0.0.1", int(sys.argv[1]))); s.listen(9); time.sleep(60)' "$port" 3>&- 4>&- &
	silent=$!
	report -s m --port="$port" -d shop --users=users
	kill $silent
	provoked source blocker connect
	[ $((SECONDS - begin)) -lt 40 ]
}

@test "bypass: what comes through the router does not" {
	servers_app a m
	route_up r -s a -t m
	MYSQL_PWD=$app_password mariadb --no-defaults --host=127.0.0.1 --port="$r_port" --user=app --unbuffered --skip-column-names \
	    --execute="SELECT 'held'; SELECT SLEEP(600)" </dev/null >held.out 2>&1 3>&- 4>&- &
	held=($!)
	wait_until 20 test -s held.out
	report -s a -d shop
	clean source bypass
	contains "$report" "but through the router"
	route_down r
	r_pid=
}

# --- privileges

# small.cnf: accounts that may little: GROUP SERVER
option_file() {
	(umask 077 && printf '%s\n' "[client_$1]" host=127.0.0.1 "port=$(fact "$2" port)" user=mean \
	    password=p ssl-mode=REQUIRED >>small.cnf)
}

@test "privileges: an account that may insert and nothing else" {
	local server
	for server in a m; do option_file mean_$server $server; done
	for server in a m; do
		report -c small.cnf -s mean_$server -t mean_$server -d shop
		provoked source blocker stream read
		provoked source warning snapshot write lock
		provoked target blocker write create
		provoked target warning stream lock
		contains "$report" "GRANT UPDATE, DELETE ON \`shop\`.* TO 'mean'@'%'"
		provoked pair warning accounts
	done
	report -c small.cnf -s mean_a -d shop
	provoked source blocker xa
}

@test "snapshot: an account that may not lock" {
	option_file mean_m m
	sql m "GRANT SELECT, LOCK TABLES ON shop.* TO mean@'%'"
	report -c small.cnf -s mean_m -d shop
	clean source snapshot
	sql m "REVOKE SELECT, LOCK TABLES ON shop.* FROM mean@'%'; GRANT SELECT, REFERENCES ON ugly.* TO mean@'%'"
	report -c small.cnf -s mean_m -d ugly
	sql m "REVOKE SELECT, REFERENCES ON ugly.* FROM mean@'%'"
	provoked source blocker snapshot # keys that cascade may need a lock
}

@test "foreign-keys, definitions: an account from which information_schema hides foreign keys" {
	# MariaDB shows them to accounts that may do more than SELECT
	option_file mean_m m
	sql m "CREATE DATABASE family; CREATE TABLE family.a (id INT PRIMARY KEY);
	    CREATE TABLE family.b (id INT PRIMARY KEY, FOREIGN KEY (id) REFERENCES family.a (id));
	    GRANT SELECT ON family.* TO mean@'%'"
	equal "$(mariadb --no-defaults --host=127.0.0.1 --port="$(fact m port)" --user=mean --password=p --skip-column-names \
	    --execute="SELECT COUNT(*) FROM information_schema.REFERENTIAL_CONSTRAINTS")" 0
	report -c small.cnf -s mean_m -d family
	sql m "DROP DATABASE family; REVOKE ALL ON family.* FROM mean@'%'"
	clean source definitions
	provoked source warning foreign-keys
	contains "$report" family.b
}

@test "privileges through a role count" {
	option_file mean_a a
	sql a "CREATE ROLE helper; GRANT ALL ON *.* TO helper; GRANT helper TO mean@'%';
	    SET DEFAULT ROLE helper TO mean@'%'"
	report -c small.cnf -s mean_a -d shop
	sql a "DROP ROLE helper"
	equal "$status" 0 "$report"
	clean source stream read snapshot write lock xa
}

# --- the target, and the pair

@test "writable, local-infile, packet, auto-increment" {
	sql a "SET GLOBAL super_read_only = ON, GLOBAL local_infile = OFF, GLOBAL max_allowed_packet = 1048576,
	    GLOBAL auto_increment_increment = 2"
	report -s m -t a -d shop --map-db=shop=bazaar
	sql a "SET GLOBAL super_read_only = OFF, GLOBAL read_only = OFF, GLOBAL local_infile = ON,
	    GLOBAL max_allowed_packet = 67108864, GLOBAL auto_increment_increment = 1"
	equal "$status" 1
	provoked target blocker writable
	provoked target warning local-infile
	provoked pair warning packet auto-increment database-names
}

@test "json-types: what MariaDB does not keep, in columns of a MySQL source" {
	sql a "CREATE DATABASE docs; CREATE TABLE docs.d (id INT PRIMARY KEY, a JSON, b JSON, c JSON);
		INSERT INTO docs.d VALUES (1, JSON_OBJECT('price', 1.10), '{\"price\": 1.5, \"big\": 4294967296}', JSON_ARRAY(1, JSON_ARRAY(DATE'2024-01-01'))), (2, NULL, '[]', 'null')"
	report -s a -t m -d docs
	provoked pair warning json-types
	contains "$report" "docs.d (a, c"
	contains "$report" "c)"
	lacks "$report" "docs.d (a, b"
	sql a "UPDATE docs.d SET a=NULL, c=NULL"
	report -s a -t m -d docs
	clean pair json-types
	sql a "DROP DATABASE docs"
}

@test "writable: sessions that are read-only by default" {
	sql a "SET GLOBAL transaction_read_only = ON"
	report -s m -t a -d shop
	sql a "SET GLOBAL transaction_read_only = OFF"
	provoked target blocker writable
	contains "$report" "SET GLOBAL transaction_read_only = OFF"
}

@test "primary-keys: a target that insists on them" {
	sql a "SET GLOBAL sql_require_primary_key = ON"
	report -s m -t a -d ugly --copy-only
	provoked pair blocker primary-keys
	contains "$report" "refuses tables without a primary key: ugly.no_key, ugly.nullable_key"
	report -s m -t a -d shop
	sql a "SET GLOBAL sql_require_primary_key = OFF"
	clean pair primary-keys
}

@test "router-settings: a time zone that the target does not know" {
	sql m "USE mysql; INSERT INTO time_zone (Time_zone_id, Use_leap_seconds) VALUES (9001, 'N');
		INSERT INTO time_zone_name (Name, Time_zone_id) VALUES ('Mi/Nowhere', 9001);
		INSERT INTO time_zone_transition_type (Time_zone_id, Transition_type_id, \`Offset\`, Is_DST, Abbreviation) VALUES (9001, 0, 3600, 0, 'MIN');
		SET GLOBAL time_zone = 'Mi/Nowhere'"
	report -s m -t a -d shop
	sql m "SET GLOBAL time_zone = 'SYSTEM'; USE mysql; DELETE FROM time_zone WHERE Time_zone_id = 9001;
		DELETE FROM time_zone_name WHERE Time_zone_id = 9001; DELETE FROM time_zone_transition_type WHERE Time_zone_id = 9001"
	provoked pair blocker router-settings
	contains "$report" "the target does not take the settings"
	contains "$report" "Mi/Nowhere"
	provoked pair warning session-defaults
}

@test "events: a target whose scheduler is off" {
	sql m "SET GLOBAL event_scheduler = ON"
	sql a "SET GLOBAL event_scheduler = OFF"
	report -s m -t a -d ugly
	sql a "SET GLOBAL event_scheduler = ON"
	sql m "SET GLOBAL event_scheduler = OFF"
	provoked source warning events
	contains "$report" "the target's event_scheduler is OFF"
}

@test "row-size: a target that insists on narrow rows" {
	sql m "SET GLOBAL innodb_strict_mode = OFF"
	report -s m -t a -d shop
	sql m "SET GLOBAL innodb_strict_mode = ON"
	provoked pair warning row-size
}

@test "same-server, target-empty" {
	for server in a m; do
		report -s $server -t ${server}_root -d shop
		equal "$status" 1
		provoked pair blocker same-server target-empty
	done
	contains "$report" "shop.items"
	sql nolog "SET GLOBAL server_id = $(fact m server_id)"
	report -s m -t nolog -d shop
	sql nolog "SET GLOBAL server_id = $(fact nolog server_id)"
	provoked pair warning same-server
}

@test "target-empty: rows beside the bookkeeping of an import are ours" {
	sql odd "CREATE DATABASE shop; CREATE TABLE shop.items (id INT PRIMARY KEY);
	    INSERT INTO shop.items VALUES (1)"
	report -s m -t odd -d shop
	provoked pair blocker target-empty
	sql odd "CREATE TABLE shop._mi_load (flow INT)"
	report -s m -t odd -d shop
	sql odd "DROP DATABASE shop"
	clean pair target-empty
}

@test "name-case, reverse, space, session-defaults, collations" {
	report -s a -t odd -d shop --target-free=1K
	provoked pair blocker name-case space
	provoked pair warning session-defaults
	sql a "CREATE DATABASE modern; CREATE TABLE modern.t (id INT PRIMARY KEY, t TEXT COLLATE utf8mb4_0900_ai_ci)"
	report -s a -t nolog -d modern --target-free=1G
	sql a "DROP DATABASE modern"
	provoked pair warning collations
	provoked target warning reverse
	clean pair space name-case
}

# --- the tool

@test "ignored blockers are warnings that say the risk, and one that is not a blocker stays" {
	report -s m -d ugly --ignore=row-key --ignore=engine
	equal "$status" 0 "$report"
	provoked source ignored row-key engine
	run_ok mi-check -s m -d ugly --ignore=row-key --ignore=engine
	contains "$output" "ignored: changes to such a table stop the import"
}

# What a server holds: definitions, rows, accounts, settings, position.
picture() {
	sql "$1" "SELECT table_schema, table_name, engine, create_time FROM information_schema.tables
			WHERE table_schema NOT IN ('information_schema', 'performance_schema', 'sys') ORDER BY 1, 2;
		SELECT table_schema, table_name, column_name, column_type FROM information_schema.columns
			WHERE table_schema NOT IN ('information_schema', 'performance_schema', 'sys') ORDER BY 1, 2, 3;
		SELECT trigger_schema, trigger_name FROM information_schema.triggers ORDER BY 1, 2;
		SELECT event_schema, event_name, status FROM information_schema.events ORDER BY 1, 2;
		SELECT routine_schema, routine_name FROM information_schema.routines ORDER BY 1, 2;
		SELECT * FROM mysql.user ORDER BY user, host; SELECT * FROM mysql.db ORDER BY 1, 2, 3;
		SHOW GLOBAL VARIABLES WHERE variable_name NOT LIKE '%timestamp%'
			AND variable_name NOT IN ('pseudo_thread_id', 'warning_count', 'error_count', 'rand_seed1', 'rand_seed2');
		CHECKSUM TABLE shop.items"
	if [ "$1" = a ]; then sql a "SELECT @@gtid_executed"; else sql "$1" "SELECT @@gtid_binlog_pos"; fi
}

@test "nothing changes on either server" {
	for server in a m; do picture $server >before.$server; done
	report -s a -t m -A
	report -s m -t a -A
	option_file mean_m m
	report -c small.cnf -s mean_m -d shop
	for server in a m; do
		picture $server >after.$server
		[ -s before.$server ]
		diff before.$server after.$server >&2
	done
}

@test "no password in any output" {
	local secret name
	for name in a m; do
		secret=$(sed -n "/^\[client_$name\]/,/^$/s/^password=//p" "$MI_CONFIG")
		[ -n "$secret" ]
		for format in --tsv --json -v "-v --ssl-mode=DISABLED" --port=1 --grants=source; do
			# shellcheck disable=SC2086
			mi-check -s $name -t $name -d shop -v $format >out 2>&1 || true
			lacks "$(cat out)" "$secret"
		done
	done
	lacks "$(strings -f "$(fact a log)" "$(fact m log)")" "$secret"
}

@test "colours on a terminal, and only there" {
	TERM=xterm script -qec "mi-check -s m -d ugly" out </dev/null >/dev/null || true
	contains "$(cat out)" $'\033[32m✓\033[0m connect'
	contains "$(cat out)" $'\033[33m!\033[0m'
	contains "$(cat out)" $'\033[31m✗\033[0m row-key'
	contains "$(cat out)" "fix: ALTER TABLE"
	NO_COLOR=1 TERM=xterm script -qec "mi-check -s m -d ugly" out </dev/null >/dev/null || true
	lacks "$(cat out)" $'\033['
	report -s m -d ugly
	lacks "$report" $'\033['
	sql m "CREATE DATABASE \`q\"u\\o'\\t\`; CREATE TABLE \`q\"u\\o'\\t\`.\`t\"\\\`(id INT)"
	run mi-check -s m -d 'q"u\o'"'"'\t' --json
	sql m "DROP DATABASE \`q\"u\\o'\\t\`"
	python3 -c 'import json, sys; r = json.load(sys.stdin); assert any("t\"\\" in f["text"] for f in r["findings"]), r' <<<"$output"
	run mi-check -s m -d ugly --json
	python3 -c 'import json, sys; r = json.load(sys.stdin); assert r["blockers"] == 2, r' <<<"$output"
}

# TABLES=3000 is the size that the bounds are for, on a machine that has nothing else to do: make scale
@test "many tables in under 10 seconds; in under 30 with the trial" {
	local i many=${TABLES:-300} begin end trial_begin trial_end
	sql m "SET GLOBAL innodb_file_per_table=OFF, innodb_flush_log_at_trx_commit=0" # so that they are there sooner
	for ((i = 0; i < many; i++)); do
		echo "CREATE TABLE many.t$i (id INT PRIMARY KEY, a VARCHAR(40), b INT, d DATE, UNIQUE (b)) ENGINE=InnoDB;"
	done >many.sql
	sql m "CREATE DATABASE many COLLATE utf8mb4_general_ci"
	sql m <many.sql
	begin=${EPOCHREALTIME/./}
	report -s m -t a -d many --no-trial
	end=${EPOCHREALTIME/./}
	provoked pair warning trial
	trial_begin=$end
	report -s m -t a -d many
	trial_end=${EPOCHREALTIME/./}
	clean pair trial
	sql m "DROP DATABASE many; SET GLOBAL innodb_file_per_table=ON, innodb_flush_log_at_trx_commit=1"
	clean source databases
	contains "$report" "$many tables"
	echo "# $many tables: $(((end - begin) / 1000)) ms" >&3
	[ $((end - begin)) -lt 10000000 ]
	echo "# with the trial: $(((trial_end - trial_begin) / 1000)) ms" >&3
	[ $((trial_end - trial_begin)) -lt 30000000 ]
}

@test "every id is provoked by a test, and found in order by another" {
	local id missing=()
	for id in $(mi-check --list | cut -f 1); do
		grep -Eq "^\s*provoked \S+ \S+ (.* )?$id( |\$)" <(sed -e ':a' -e '/\\$/{N;s/\\\n//;ba}' "$BATS_TEST_FILENAME") ||
		    missing+=("provoked $id")
		grep -Eq "^\s*clean \S+ (.* )?$id( |\$)" <(sed -e ':a' -e '/\\$/{N;s/\\\n//;ba}' "$BATS_TEST_FILENAME") ||
		    missing+=("clean $id")
	done
	[ ${#missing[@]} -eq 0 ] || fail "no test for: ${missing[*]}"
}

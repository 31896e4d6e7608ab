#!/usr/bin/env bats
# mi-binlog against real servers: what it refuses and where it stops, first; then what all changes
# leave behind must be what mi-dump reads, to the byte.

# shellcheck disable=SC2016,SC2030,SC2031 # each test has its own variables

. "$BATS_TEST_DIRNAME/lib/helper.bash"
. "$BATS_TEST_DIRNAME/lib/server.bash"

export BATS_TEST_TIMEOUT=300

servers m:mysql r:mariadb

test_begins() {
	changes=${MI_BIN%/bin}/unit/mk_changes
}

position() {
	local query="SELECT REPLACE(@@gtid_executed,'\n','')"
	[ "$1" = m ] || query="SELECT @@gtid_binlog_pos"
	sql "$1" "$query"
}

# fresh NAME DB: an empty database; since is the position after it.
fresh() {
	sql "$1" "DROP DATABASE IF EXISTS $2; CREATE DATABASE $2"
	since=$(position "$1")
}

# followed NAME DB [OPTION...]: what has happened since $since, into the file events.
followed() {
	run_ok mi-binlog -q -s "$1" -d "$2" --since="$since" --until=now "${@:3}"
}

# One that goes on until it is stopped; waits until it follows.
follow() {
	background mi-binlog -q -s "$1" --heartbeat=1 --since="$since" "${@:2}" >events 2>err
	follower=$bg_pid
}

# The events have arrived when the file holds the GTID, whatever frames they came in.
has_arrived() {
	zcat events 2>/dev/null | grep -qF -- "$1"
}

end_follower() {
	local code=0
	kill -TERM "$follower"
	wait "$follower" || code=$?
	equal "$code" 75 "$(cat err)"
	mi-cat --check events
}

# replayed NAME DB [OPTION...]: the changes since $since on nothing give the rows that are there.
replayed() {
	mi-binlog -q -s "$1" -d "$2" --since="$since" --until=now "${@:3}" >events
	mi-dump -q -s "$1" -d "$2" "${@:3}" >rows
	"$changes" <events >changes.txt
	"$changes" <rows >rows.txt
	"$ROOT/tests/lib/replay.py" changes.txt rows.txt
}

# ---- Refusals ----

@test "a start that makes no sense is refused" {
	run_exit 64 mi-binlog -s m -d mysql
	contains "$stderr" "--since"
	run_exit 64 mi-binlog -s m --since=nonsense -d x
	contains "$stderr" "--since"
	run_exit 64 mi-binlog -s m --since=now --until=1-2 -d x
	run_exit 64 mi-binlog -s m --since=now --server-id=0 -d x
	run_exit 74 mi-binlog -s m --since=@nowhere -d x
	echo now >now
	run_exit 65 mi-binlog -s m --since=@now -d x
	run_exit 65 mi-binlog -s m --since=0-1-5 -d x
	contains "$stderr" "MariaDB GTIDs"
	run_exit 78 mi-binlog -s m --since=now -d absent
	run_exit 69 env MI_CONFIG=/dev/null mi-binlog --host=127.0.0.1 --port=1 --since=now -d x
	equal "$output" ""
}

@test "a server id that is taken is refused" {
	fresh m ids
	run_exit 78 mi-binlog -s m -d ids --since=now --server-id="$(sql m 'SELECT @@server_id')"
	contains "$stderr" "has this id already"
	run_ok mi-binlog -q -s m -d ids --since=now --until=now --server-id=4242
}

@test "transactions that the source has not are another server's: 65" {
	fresh m ids
	run_exit 65 mi-binlog -s m -d ids --since="$since,11111111-1111-1111-1111-111111111111:1-5"
	contains "$stderr" "never executed"
	contains "$stderr" ": 11111111-1111-1111-1111-111111111111:1-5"
	equal "$output" ""
	fresh r ids
	run_exit 65 mi-binlog -s r -d ids --since="${since%-*}-999999"
	run_exit 65 mi-binlog -s r -d ids --since="$since,77-1-1"
}

@test "purged transactions are a final error that says what to do: 78" {
	fresh m purged
	sql m "FLUSH BINARY LOGS; CREATE TABLE purged.t (id INT PRIMARY KEY); FLUSH BINARY LOGS"
	sql m "PURGE BINARY LOGS TO '$(sql m "SHOW BINARY LOG STATUS" | cut -f 1)'"
	run_exit 78 mi-binlog -s m -d purged --since="$since"
	contains "$stderr" "has purged transactions that are still needed"
	contains "$stderr" "copy anew"
	fresh r purged
	sql r "CREATE TABLE purged.t (id INT PRIMARY KEY); FLUSH BINARY LOGS"
	sql r "PURGE BINARY LOGS TO '$(sql r "SHOW MASTER STATUS" | cut -f 1)'"
	# MariaDB keeps the file that its own recovery may need
	wait_until 20 purged_in_r
	run_exit 78 mi-binlog -s r -d purged --since="$since"
	contains "$stderr" "copy anew"
}

purged_in_r() {
	sql r "PURGE BINARY LOGS TO '$(sql r "SHOW MASTER STATUS" | cut -f 1)'"
	[ "$(sql r "SHOW BINARY LOGS" | wc -l)" -eq 1 ]
}

@test "an account without the privilege: 77" {
	fresh m rights
	sql m "CREATE USER IF NOT EXISTS poor@'%' IDENTIFIED BY 'poor'; GRANT SELECT ON *.* TO poor@'%'"
	(umask 077 && printf '[client]\nhost=127.0.0.1\nport=%s\nuser=poor\npassword=poor\n' \
	    "$(fact m port)" >poor.cnf)
	run_exit 77 mi-binlog -c poor.cnf -d rights --since=now
}

# ---- Where it stops ----

# Statement format, inside a transaction, after a good one.
statement_stops() {
	local good
	fresh "$1" st
	sql "$1" "CREATE TABLE st.t (id INT PRIMARY KEY, v INT); INSERT INTO st.t VALUES (1,1)"
	good=$(position "$1")
	sql "$1" "SET SESSION binlog_format=STATEMENT; BEGIN; INSERT INTO st.t VALUES (2,2);
		COMMIT"
	sql "$1" "INSERT INTO st.t VALUES (3,3)"
	run_exit 65 mi-binlog -q -s "$1" -d st --since="$since"
	contains "$stderr" "logged as a statement: INSERT INTO st.t VALUES (2,2)"
	contains "$stderr" "binlog.0"
	contains "$stderr" "transaction "
	mi-binlog -q -s "$1" -d st --since="$since" >half || true
	run_exit 65 mi-cat --check half
	run "$changes" --gtids <half
	contains "$output" " 1"
	lacks "$output" " 2"
	# nothing that came before is lost: it is what --until up to there gives
	run_ok mi-binlog -q -s "$1" -d st --since="$since" --until="$good"
	# a table of another database may do so
	fresh "$1" st
	sql "$1" "DROP DATABASE IF EXISTS elsewhere; CREATE DATABASE elsewhere;
		CREATE TABLE elsewhere.t (id INT PRIMARY KEY);
		CREATE TABLE st.t (id INT PRIMARY KEY, v INT)"
	sql "$1" "SET SESSION binlog_format=STATEMENT; USE elsewhere; INSERT INTO t VALUES (2)"
	sql "$1" "INSERT INTO st.t VALUES (3,3)"
	replayed "$1" st
}

@test "statement-format changes of imported tables stop it, MySQL" {
	statement_stops m
}

@test "statement-format changes of imported tables stop it, MariaDB" {
	statement_stops r
}

@test "images that are not full stop it" {
	local server image
	for server in m r; do
		for image in MINIMAL NOBLOB; do
			fresh $server img
			sql $server "CREATE TABLE img.t (id INT PRIMARY KEY, v INT, b BLOB);
				INSERT INTO img.t VALUES (1,1,'x')"
			sql $server "SET SESSION binlog_row_image=$image; UPDATE img.t SET v=2"
			run_exit 65 mi-binlog -q -s $server -d img --since="$since"
			contains "$stderr" "binlog_row_image"
			contains "$stderr" "binlog.0"
		done
	done
}

@test "what was undone is not there; what cannot be undone stops it" {
	local server
	for server in m r; do
		fresh $server rb
		sql $server "CREATE TABLE rb.i (id INT PRIMARY KEY); CREATE TABLE rb.n (id INT PRIMARY KEY) ENGINE=MyISAM"
		sql $server "BEGIN; INSERT INTO rb.i VALUES (1); SAVEPOINT a; INSERT INTO rb.i VALUES (2);
			ROLLBACK TO a; INSERT INTO rb.i VALUES (3); COMMIT;
			BEGIN; INSERT INTO rb.i VALUES (4); ROLLBACK; INSERT INTO rb.i VALUES (5)"
		replayed $server rb -X rb.n
		equal "$(wc -l <changes.txt)" 3
		# changes of both kinds of tables in one transaction: MySQL 9.7 does not allow it
		[ $server = r ] || continue
		sql $server "BEGIN; INSERT INTO rb.i VALUES (10); SAVEPOINT a;
			INSERT INTO rb.n SELECT id FROM rb.i; INSERT INTO rb.i VALUES (11); ROLLBACK TO a; COMMIT"
		run mi-binlog -q -s $server -d rb --since="$since" --until=now
		[ "$status" -eq 65 ] || replayed $server rb -X rb.n
	done
}

@test "MariaDB: what changes no row of the imported tables stops nothing" {
	fresh r calm
	sql r "CREATE TABLE calm.alpha (id INT PRIMARY KEY); CREATE TABLE calm.n (id INT PRIMARY KEY) ENGINE=MyISAM"
	sql r "USE calm;
		INSERT INTO alpha VALUES (1);
		SET STATEMENT max_statement_time=60 FOR FLUSH TABLE alpha;
		SET STATEMENT lock_wait_timeout=60 FOR ANALYZE TABLE alpha;
		BEGIN; INSERT INTO alpha VALUES (2); CREATE TEMPORARY TABLE x (a INT); ROLLBACK;
		INSERT INTO alpha VALUES (3);
		BEGIN; INSERT INTO alpha VALUES (4); DROP TEMPORARY TABLE x; ROLLBACK;
		BEGIN; DELETE FROM alpha; CREATE TEMPORARY TABLE x SELECT 1; ROLLBACK; DROP TEMPORARY TABLE x"
	replayed r calm -X calm.n
	equal "$(grep -c '^I' changes.txt)" 2
	# what could not be rolled back is there, however the server has logged it
	sql r "USE calm; BEGIN; INSERT INTO alpha VALUES (5); INSERT INTO n SELECT id FROM alpha;
		CREATE TEMPORARY TABLE x (a INT); ROLLBACK; DROP TEMPORARY TABLE x"
	equal "$(sql r "SELECT COUNT(*) FROM calm.n")" 3
	replayed r calm -X calm.n
	run mi-binlog -q -s r -d calm --since="$since" --until=now
	[ "$status" -eq 65 ] || equal "$(mi-binlog -q -s r -d calm --since="$since" --until=now | "$changes" | grep -c '^I.*n')" 3
}

@test "MariaDB: a sequence that does not grow stops it" {
	fresh r seq
	sql r "CREATE TABLE seq.t (id INT PRIMARY KEY)"
	sql r "SET GLOBAL gtid_strict_mode=OFF; SET SESSION gtid_seq_no=100000; INSERT INTO seq.t VALUES (1)"
	sql r "SET SESSION gtid_seq_no=50000; INSERT INTO seq.t VALUES (2); SET GLOBAL gtid_strict_mode=ON"
	run_exit 65 mi-binlog -q -s r -d seq --since="$since"
	contains "$stderr" "does not grow"
	contains "$stderr" "50000"
	sql r "SET SESSION gtid_seq_no=200000; INSERT INTO seq.t VALUES (3)"
}

# ---- Values ----

# Every nullable column of every table becomes NULL, then some rows go; keys change, too.
change_all() {
	local db=torture
	sql "$1" "SELECT CONCAT('UPDATE IGNORE \`', REPLACE(table_name,'\`','\`\`'), '\` SET \`', REPLACE(column_name,'\`','\`\`'), '\`=NULL;')
		FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name)
		WHERE table_schema='$db' AND is_nullable='YES' AND extra NOT LIKE '%GENERATED%'
		AND table_name<>'huge' AND (table_name<>'wide' OR ordinal_position<5) ORDER BY table_name, ordinal_position DESC" >updates.sql
	sql "$1" "SELECT CONCAT('DELETE FROM \`', REPLACE(table_name,'\`','\`\`'), '\` LIMIT 1;')
		FROM information_schema.tables WHERE table_schema='$db' AND table_type='BASE TABLE' ORDER BY table_name" >deletes.sql
	cat >keys.sql <<-'SQL'
		UPDATE ints SET id=id+7 WHERE id>0 ORDER BY id DESC;
		UPDATE `big keys` SET k=k-1 WHERE k>9223372036854775808;
		UPDATE negative_keys SET k=k+1 WHERE k<-1;
		UPDATE bit_key SET k=k+1 WHERE k=18446744073709551614 OR k=255;
		UPDATE enum_key SET e='z' WHERE e='x';
		UPDATE set_key SET s='a,b,c' WHERE s='a,b';
		UPDATE temporal_key SET c='-838:59:59' WHERE v=1;
		UPDATE ts_key SET ts=ts + INTERVAL 1 MICROSECOND ORDER BY ts DESC;
		UPDATE string_key SET k=CONCAT(k,'🙂x');
		UPDATE latin_key SET k=CONCAT('é',k);
		UPDATE binary_key SET k=CONCAT(k,X'0000') ORDER BY LENGTH(k) DESC, k DESC;
		UPDATE fixed_key SET k=X'FFFFFFFF000000000000000000000000' WHERE v=1;
		UPDATE decimal_key SET k=-k WHERE k>0;
		UPDATE float_key SET k=k*3;
		UPDATE composite SET b=CONCAT(b,'ÿ'), c=c-1 WHERE c>0;
		UPDATE no_key SET a=a+1;
		UPDATE no_pk_unique SET b=b+10;
		UPDATE parted SET d=d + INTERVAL 20 YEAR;
		UPDATE strings SET t=NULL, b=REPEAT(X'00',70000), lt=REPEAT('🙂"',30000) WHERE id=1;
	SQL
	{
		echo "SET NAMES utf8mb4; SET sql_mode=''; SET time_zone='+00:00'; SET foreign_key_checks=0; USE $db;"
		cat keys.sql updates.sql deletes.sql
	} | stock_client "$1" --force --default-character-set=utf8mb4 2>/dev/null || true
}

torture() {
	"$ROOT/tests/data/make-torture" "$2" >torture.sql
	sql "$1" "DROP DATABASE IF EXISTS torture"
	since=$(position "$1")
	sql "$1" <torture.sql
	replayed "$1" torture
	[ "$(grep -c '^I' changes.txt)" -ge 170 ]
	change_all "$1"
	replayed "$1" torture
	[ "$(grep -c '^U' changes.txt)" -ge 300 ]
	[ "$(grep -c '^D' changes.txt)" -ge 40 ]
}

@test "all types by INSERT, UPDATE, DELETE: MySQL, no metadata in the log" {
	sql m "SET GLOBAL binlog_row_metadata=MINIMAL, GLOBAL binlog_transaction_compression=OFF"
	torture m mysql
}

@test "all types by INSERT, UPDATE, DELETE: MySQL, full metadata, compressed, partial JSON" {
	sql m "SET GLOBAL binlog_row_metadata=FULL; SET GLOBAL binlog_transaction_compression=ON;
		SET GLOBAL binlog_row_value_options=PARTIAL_JSON"
	torture m mysql
	sql m "SET GLOBAL binlog_row_metadata=MINIMAL; SET GLOBAL binlog_transaction_compression=OFF;
		SET GLOBAL binlog_row_value_options=''"
}

@test "all types by INSERT, UPDATE, DELETE: MariaDB, with and without metadata" {
	sql r "SET GLOBAL binlog_row_metadata=FULL"
	torture r mariadb
	sql r "SET GLOBAL binlog_row_metadata=NO_LOG"
	torture r mariadb
}

@test "all types by INSERT, UPDATE, DELETE: MariaDB, compressed" {
	sql r "SET GLOBAL binlog_row_metadata=MINIMAL, GLOBAL log_bin_compress=ON, GLOBAL log_bin_compress_min_len=10"
	torture r mariadb
	sql r "SET GLOBAL log_bin_compress=OFF"
}

@test "changes within documents" {
	fresh m docs
	sql m "CREATE TABLE docs.j (id INT PRIMARY KEY, j JSON);
		INSERT INTO docs.j VALUES (1,'{\"a\": [1, 2, {\"b\": \"long enough to be partial, long enough to be partial\"}], \"n\": 5}')"
	sql m "SET binlog_row_value_options=PARTIAL_JSON, binlog_row_image=FULL;
		UPDATE docs.j SET j=JSON_REPLACE(j,'\$.n',6);
		UPDATE docs.j SET j=JSON_SET(j,'\$.a[2].b','x');
		UPDATE docs.j SET j=JSON_REMOVE(j,'\$.a[0]')"
	replayed m docs
	equal "$(grep -c '^U' changes.txt)" 3
}

@test "numbers in documents: the log and the snapshot say the same of their types" {
	local number id=0
	fresh m digits
	sql m "CREATE TABLE digits.j (id INT PRIMARY KEY, j JSON)"
	for number in 1.10 1.5 -0.50 0.1 1.0 5 -7 1.23456789012345678901234567890 12345678901234567890 -9223372036854775808 \
		-9223372036854775809 18446744073709551616 100000000000000000000.0 0.00001 1000000000000000.5 4294967295 4294967296 \
		9223372036854775807 9223372036854775808 "CAST(5 AS UNSIGNED)" "CAST(4294967295 AS UNSIGNED)" "CAST(4294967296 AS UNSIGNED)" \
		1e20 5e0 -0e0 "CAST('4294967296' AS JSON)" "CAST('4294967295' AS JSON)"; do
		id=$((id + 1))
		sql m "INSERT INTO digits.j VALUES ($id, JSON_OBJECT('a', JSON_ARRAY('x', $number)))"
	done
	# by a change within it
	sql m "SET binlog_row_value_options=PARTIAL_JSON; UPDATE digits.j SET j=JSON_SET(j,'\$.b',REPEAT('long ',50)) WHERE id IN (1,2);
		UPDATE digits.j SET j=JSON_SET(j,'\$.a[1]',2) WHERE id=1;
		UPDATE digits.j SET j=JSON_SET(j,'\$.a[0]',CAST('2.50' AS DECIMAL(5,2))) WHERE id=2"
	replayed m digits
	[ "$(mi-cat events | grep -c "types '\.[DUI]'")" -gt 12 ]
	run_exit 64 mi-binlog -q -s m -d digits --since=now --json=perhaps
}

# ---- Transactions ----

@test "several databases and filters: what is not taken is skipped" {
	local server
	for server in m r; do
		sql $server "DROP DATABASE IF EXISTS f1; DROP DATABASE IF EXISTS f2; DROP DATABASE IF EXISTS f3;
			CREATE DATABASE f1; CREATE DATABASE f2; CREATE DATABASE f3;
			CREATE TABLE f1.a (id INT PRIMARY KEY); CREATE TABLE f1.b (id INT PRIMARY KEY);
			CREATE TABLE f2.a (id INT PRIMARY KEY); CREATE TABLE f3.a (id INT PRIMARY KEY);
			CREATE TABLE f1._mi_checkpoint (id INT PRIMARY KEY)"
		since=$(position $server)
		sql $server "BEGIN; INSERT INTO f1.a VALUES (1); INSERT INTO f1.b VALUES (1); INSERT INTO f2.a VALUES (1);
			INSERT INTO f3.a VALUES (1); INSERT INTO f1._mi_checkpoint VALUES (1); COMMIT;
			INSERT INTO f3.a VALUES (2); INSERT INTO f1.b VALUES (2); INSERT INTO f1._mi_checkpoint VALUES (2);
			CREATE TABLE f1._mi_load (id INT PRIMARY KEY); DROP TABLE f1._mi_load"
		mi-binlog -q -s $server -d f1 -d f2 -X f1.b --since="$since" --until=now >events
		"$changes" <events >changes.txt
		equal "$(cut -f 2 changes.txt | paste -sd ' ')" "f1.a f2.a"
		# all that is not in a transaction is in SKIP: the whole advance is there
		"$changes" --gtids <events >gtids
		sed -E 's/^SKIP //; s/ [0-9]+$//' gtids | paste -sd, >advance.txt
		grep -q '^SKIP' gtids
		lacks "$(cat gtids)" STATEMENT
		if [ $server = m ]; then
			mi-gtid union "$since" @advance.txt >reached
		else
			sed -E 's/^SKIP //; s/ [0-9]+$//' gtids | tail -1 >reached
		fi
		mi-gtid equal @reached "$(position $server)"
	done
}

@test "tagged GTIDs, foreign UUIDs and holes" {
	local foreign=22222222-2222-2222-2222-222222222222 executed part
	fresh m tags
	sql m "CREATE TABLE tags.t (id INT PRIMARY KEY)"
	sql m "SET gtid_next='AUTOMATIC:blue'; INSERT INTO tags.t VALUES (1); INSERT INTO tags.t VALUES (2);
		SET gtid_next='$foreign:7'; INSERT INTO tags.t VALUES (3);
		SET gtid_next='$foreign:9'; INSERT INTO tags.t VALUES (4);
		SET gtid_next='$foreign:red:5'; INSERT INTO tags.t VALUES (5)"
	executed=$(position m)
	replayed m tags
	"$changes" --gtids <events >gtids
	grep -q "^$foreign:9 1$" gtids
	grep -q "^$foreign:red:5 1$" gtids
	equal "$(grep -c ':blue:[0-9]* 1$' gtids)" 2
	# begun inside: only what is missing comes, holes and tags and all
	part=$(mi-gtid subtract "$executed" "$foreign:9,$foreign:red:5")
	run_ok mi-binlog -q -s m -d tags --since="$part" --until="$executed"
	mi-binlog -q -s m -d tags --since="$part" --until="$executed" | "$changes" --gtids >gtids
	equal "$(paste -sd ' ' gtids)" "$foreign:9 1 $foreign:red:5 1"
}

@test "MariaDB: several domains" {
	fresh r doms
	sql r "CREATE TABLE doms.t (id INT PRIMARY KEY)"
	sql r "SET gtid_domain_id=5; INSERT INTO doms.t VALUES (1); SET gtid_domain_id=0; INSERT INTO doms.t VALUES (2);
		SET gtid_domain_id=5; INSERT INTO doms.t VALUES (3)"
	replayed r doms
	equal "$(grep -c ^I changes.txt)" 3
}

@test "XA: prepared, committed and rolled back" {
	local server
	for server in m r; do
		fresh $server xa
		sql $server "CREATE TABLE xa.t (id INT PRIMARY KEY)"
		sql $server "XA START 'one'; INSERT INTO xa.t VALUES (1); XA END 'one'; XA PREPARE 'one'; XA COMMIT 'one'"
		sql $server "XA START 'two','b',7; INSERT INTO xa.t VALUES (2); XA END 'two','b',7; XA PREPARE 'two','b',7"
		sql $server "INSERT INTO xa.t VALUES (3)"
		sql $server "XA ROLLBACK 'two','b',7"
		sql $server "XA START 'solo'; INSERT INTO xa.t VALUES (4); XA END 'solo'; XA COMMIT 'solo' ONE PHASE"
		mi-binlog -q -s $server -d xa --since="$since" --until=now | "$changes" --gtids >gtids
		equal "$(grep -o 'XA .*' gtids | paste -sd ' ')" \
		    "XA prepare X'6f6e65',X'',1 XA commit X'6f6e65',X'',1 XA prepare X'74776f',X'62',7 XA rollback X'74776f',X'62',7"
		equal "$(grep -cE ' 1$' gtids)" 2
	done
}

@test "definitions move on with the log" {
	local server
	for server in m r; do
		fresh $server ddl
		sql $server "SET GLOBAL binlog_row_metadata=MINIMAL;
			CREATE TABLE ddl.t (id INT PRIMARY KEY, a INT, b INT); CREATE TABLE ddl.u (id INT PRIMARY KEY)"
		since=$(position $server)
		mi-schema -q -s $server -d ddl >schema.mi
		sql $server "INSERT INTO ddl.t VALUES (1,1,2); CREATE USER IF NOT EXISTS somebody; ANALYZE TABLE ddl.t"
		sql $server "SET sql_mode='ANSI_QUOTES'; SET NAMES latin1; ALTER TABLE ddl.t RENAME COLUMN a TO c"
		sql $server "INSERT INTO ddl.t VALUES (2,3,4)"
		# by today's definitions the first row would have another column's name, which the log has not
		run_exit 65 mi-binlog -q -s $server -d ddl --since="$since" --until=now
		contains "$stderr" "--schema"
		mi-binlog -q -s $server -d ddl --since="$since" --until=now --schema=schema.mi >events
		"$changes" --gtids <events >gtids
		grep -q "^STATEMENT .*|ANSI_QUOTES|latin1|latin1_swedish_ci|.*|ALTER TABLE ddl.t RENAME COLUMN a TO c$" gtids
		equal "$(grep -c STATEMENT gtids)" 1
		equal "$(mi-cat events | grep -c "^table .*'ddl'.'t'")" 2
		equal "$(mi-cat events | grep -c "^  column 'c'")" 1
	done
}

# Tables with and without keys that are made, changed and dropped all the time, until somebody deletes
# the row of churn.go.
@test "tables that come and go while the definitions are read" {
	local server pid
	for server in m r; do
		fresh $server churn
		sql $server <<-'SQL'
			USE churn;
			CREATE TABLE go (id INT PRIMARY KEY); INSERT INTO go VALUES (1);
			CREATE TABLE alpha (id INT PRIMARY KEY, v INT);
			DELIMITER //
			CREATE PROCEDURE churns() WHILE (SELECT COUNT(*) FROM go) > 0 DO
			CREATE TABLE wide (a INT PRIMARY KEY, b INT, c INT, d INT, KEY (b), KEY (c, d), FOREIGN KEY (b) REFERENCES alpha (id));
			CREATE TABLE bare (a INT, b INT);
			INSERT INTO alpha SELECT MAX(id) + 1, 1 FROM (SELECT id FROM alpha UNION SELECT 0) x;
			ALTER TABLE wide ADD e INT, ADD KEY (e);
			DROP TABLE wide, bare;
			END WHILE//
		SQL
		background sql $server "CALL churn.churns()"
		pid=$bg_pid
		wait_until 20 eval '[ "$(sql '$server' "SELECT COUNT(*) > 3 FROM churn.alpha")" = 1 ]'
		for _ in {1..40}; do
			here=$(position $server)
			run bash -c "mi-binlog -q -s $server -d churn --since='$here' --until='$here' >/dev/null"
			[ "$status" -eq 0 ] || break
		done
		sql $server "DELETE FROM churn.go"
		wait "$pid"
		equal "$status" 0 "$stderr$output"
	done
}

@test "a definition of another time is noticed" {
	fresh m crossed
	sql m "CREATE TABLE crossed.t (id INT PRIMARY KEY, a INT)"
	mi-schema -q -s m -d crossed >schema.mi
	sql m "ALTER TABLE crossed.t ADD b INT"
	since=$(position m)
	sql m "INSERT INTO crossed.t VALUES (1,2,3)"
	run_exit 65 mi-binlog -q -s m -d crossed --since="$since" --schema=schema.mi
	contains "$stderr" "crossed.t"
	contains "$stderr" "binlog.0"
	head -c 100 schema.mi >cut.mi
	run_exit 65 mi-binlog -q -s m -d crossed --since="$since" --schema=cut.mi
	run_exit 78 mi-binlog -q -s m -d crossed --since="$since" --schema=absent.mi
}

@test "members in other character sets are compared with the log's" {
	local server charset was other
	for server in m r; do
		sql $server "SET GLOBAL binlog_row_metadata=FULL"
		while read -r charset was other; do
			fresh $server listed
			sql $server "CREATE TABLE listed.t (id INT PRIMARY KEY,
				e ENUM($was) CHARACTER SET $charset COLLATE ${charset}_bin,
				s SET($was) CHARACTER SET $charset COLLATE ${charset}_bin)"
			mi-schema -q -s $server -d listed >schema.mi
			since=$(position $server)
			sql $server "INSERT INTO listed.t VALUES (1,1,3)"
			run_ok mi-binlog -q -s $server -d listed --since="$since" --until=now --schema=schema.mi
			# the same table, as somebody says that it was: its list in another order, or another list
			sql $server "DROP TABLE listed.t; CREATE TABLE listed.t (id INT PRIMARY KEY,
				e ENUM($other) CHARACTER SET $charset COLLATE ${charset}_bin,
				s SET($was) CHARACTER SET $charset COLLATE ${charset}_bin)"
			mi-schema -q -s $server -d listed >schema.mi
			run_exit 65 mi-binlog -q -s $server -d listed --since="$since" --until=now --schema=schema.mi
			contains "$stderr" "list of members differs"
		done <<-'LISTS'
			latin1 'é','ß' 'ß','é'
			latin1 'ab','é' 'ab','ü'
			ucs2 '中','文' '文','中'
			swe7 'Ä','ö' 'ö','Ä'
			sjis 'ソ','ab' 'ab','ソ'
			utf8mb4 'é','ß' 'ß','é'
		LISTS
		sql $server "SET GLOBAL binlog_row_metadata=DEFAULT"
	done
}

# ---- Links that die ----

dump_thread() {
	sql "$1" "SELECT id FROM information_schema.processlist WHERE command LIKE 'Binlog Dump%'"
}

is_asked() {
	[ -n "$(dump_thread "$1")" ]
}

# The process waits for room in the pipe.
is_blocked() {
	grep -q pipe "/proc/$1/wchan" || grep -q '^1 ' "/proc/$1/syscall"
}

# A big transaction is cut while half of it is in a pipe that nobody reads.
cut_transaction() {
	local server=$1 piped
	fresh "$server" cut
	sql "$server" "CREATE TABLE cut.t (id INT PRIMARY KEY, v VARCHAR(900)); CREATE TABLE cut.s (id INT PRIMARY KEY);
		INSERT INTO cut.s VALUES (1),(2),(3),(4),(5),(6),(7),(8),(9),(10)"
	since=$(position "$server")
	# nobody reads until the file `go` is there
	# shellcheck disable=SC2016
	background bash -c '{ exec mi-binlog -Z 0 -q -s "$1" --heartbeat=1 -d cut --since="$2" 2>err; } |
	    { until [ -e go ]; do sleep 0.05; done; cat >events; }; exit ${PIPESTATUS[0]}' - "$server" "$since"
	follower=$bg_pid
	wait_until 20 is_asked "$server"
	sql "$server" "SET @n=0; INSERT INTO cut.t SELECT @n:=@n+1, REPEAT(CHAR(65+@n%26),900) FROM cut.s a, cut.s b, cut.s c, cut.s d, (SELECT 1 UNION SELECT 2 UNION SELECT 3 UNION SELECT 4) e"
	# it has begun to write, and stands at the full pipe
	piped=$(pgrep -P "$follower" mi-binlog)
	wait_until 20 is_blocked "$piped"
	sql "$server" "KILL $(dump_thread "$server")"
	touch go
	sql "$server" "INSERT INTO cut.t VALUES (0,'after')"
	wait_until 60 grep -qa 'connecting again' err
	wait_until 60 has_arrived '"after"'
	kill -TERM "$piped"
	wait "$follower" || equal $? 75 "$(cat err)"
	mi-cat --check events
	"$changes" --gtids <events >gtids
	grep -q '^ABORT' gtids
	"$changes" <events >changes.txt
	mi-dump -q -s "$server" -d cut -T cut.t >rows
	"$changes" <rows >rows.txt
	"$ROOT/tests/lib/replay.py" changes.txt rows.txt
}

@test "a dump thread killed in the middle of a transaction: ABORT, and all of it again, MySQL" {
	cut_transaction m
}

@test "a dump thread killed in the middle of a transaction: ABORT, and all of it again, MariaDB" {
	cut_transaction r
}

@test "dump threads killed again and again under a workload: each transaction once" {
	local server i
	for server in m r; do
		fresh $server kills
		sql $server "CREATE TABLE kills.t (id INT PRIMARY KEY AUTO_INCREMENT, v INT)"
		since=$(position $server)
		follow $server -d kills
		for i in {1..40}; do
			echo "INSERT INTO kills.t (v) VALUES ($i); UPDATE kills.t SET v=v+1 ORDER BY id DESC LIMIT 3;"
			[ $((i % 10)) -ne 0 ] || echo "SELECT SLEEP(0.3);"
		done >work.sql
		sql $server <work.sql >/dev/null 3>&- 4>&- &
		i=$!
		for _ in 1 2 3 4; do
			sql $server "KILL $(dump_thread $server)" 2>/dev/null || true
			sleep 0.25
		done
		wait $i
		sql $server "INSERT INTO kills.t (v) VALUES (4711)"
		wait_until 60 has_arrived 4711 || fail "$(cat err)"
		end_follower
		"$changes" --gtids <events | grep -v ABORT | sort | uniq -d >twice
		equal "$(cat twice)" ""
		"$changes" <events >changes.txt
		mi-dump -q -s $server -d kills >rows
		"$changes" <rows >rows.txt
		"$ROOT/tests/lib/replay.py" changes.txt rows.txt
	done
}

@test "a source that goes and comes back" {
	fresh m back
	sql m "CREATE TABLE back.t (id INT PRIMARY KEY)"
	since=$(position m)
	follow m -d back
	sql m "INSERT INTO back.t VALUES (1)"
	wait_until 20 has_arrived '"'"$(sql m 'SELECT @@server_uuid')":
	# a shutdown would wait ten seconds for its replicas
	sandbox kill m
	sandbox restart m
	sql m "INSERT INTO back.t VALUES (4711)"
	wait_until 60 has_arrived 4711 || fail "$(cat err)"
	end_follower
	"$changes" <events >changes.txt
	equal "$(grep -c ^I changes.txt)" 2
}

@test "SIGTERM ends after a whole transaction, and the rest comes with the next start" {
	local reached
	fresh m term
	sql m "CREATE TABLE term.t (id INT PRIMARY KEY)"
	since=$(position m)
	follow m -d term
	sql m "INSERT INTO term.t VALUES (1)"
	wait_until 20 has_arrived 'I,1'
	end_follower
	mi-cat events | tail -1 | grep -q '^end'
	"$changes" <events >first.txt
	reached=$(mi-gtid union "$since" "$("$changes" --gtids <events | sed -E 's/^SKIP //; s/ [0-9]+$//' | paste -sd,)")
	sql m "INSERT INTO term.t VALUES (2)"
	mi-binlog -q -s m -d term --since="$reached" --until=now >events
	"$changes" <events | cat first.txt - >both.txt
	equal "$(wc -l <both.txt)" 2
}

@test "--until: reached at once, by a file, and in the middle" {
	local first
	fresh m until
	sql m "CREATE TABLE until.t (id INT PRIMARY KEY)"
	since=$(position m)
	run_ok mi-binlog -q -s m -d until --since="$since" --until="$since"
	sql m "INSERT INTO until.t VALUES (1)"
	first=$(position m)
	sql m "INSERT INTO until.t VALUES (2)"
	position m >file
	mi-binlog -q -s m -d until --since="$since" --until="$first" | "$changes" >changes.txt
	equal "$(wc -l <changes.txt)" 1
	mi-binlog -q -s m -d until --since="$since" --until=@file | "$changes" >changes.txt
	equal "$(wc -l <changes.txt)" 2
}

@test "a reader that goes away is noticed" {
	fresh m gone
	sql m "CREATE TABLE gone.t (id INT PRIMARY KEY)"
	run_exit 74 bash -c "mi-binlog -q -s m -d gone --heartbeat=1 --since='$since' | head -c 10 >/dev/null; exit \${PIPESTATUS[0]}"
}

@test "live: from commit to frame in milliseconds" {
	fresh m live
	sql m "CREATE TABLE live.t (id INT PRIMARY KEY, v BIGINT)"
	since=$(position m)
	follow m -d live
	wait_until 20 is_asked m
	for _ in {1..50}; do
		sql m "INSERT INTO live.t SELECT COALESCE(MAX(id),0)+1, 0 FROM live.t"
	done
	wait_until 20 has_arrived ',50,0'
	end_follower
	# all fifty in frames of their own: nothing waited for another
	equal "$("$changes" --gtids <events | grep -c ' 1$')" 50
}

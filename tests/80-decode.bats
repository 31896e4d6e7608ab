#!/usr/bin/env bats
# The binary logs of real servers, decoded without them: what all changes leave behind must be what
# mi-dump reads from the tables, to the byte. SEED=n repeats a run of random documents.

# shellcheck disable=SC2030,SC2031 # each test has its own logs

. "$BATS_TEST_DIRNAME/lib/helper.bash"
. "$BATS_TEST_DIRNAME/lib/server.bash"

servers m:mysql r:mariadb

test_begins() {
	mk=${MI_BIN%/bin}/unit/mk_binlog
}

# The log files of a server from the given one on.
logs_from() {
	local file
	for file in "$(fact "$1" datadir)"/binlog.0*; do
		[[ $file < $2 ]] || printf '%s\n' "$file"
	done
}

# logged NAME DB SQL-FILE: runs it in a log file of its own; leaves logs, rows and the dump.
logged() {
	local first
	sql "$1" "DROP DATABASE IF EXISTS $2; FLUSH BINARY LOGS"
	first=$(find "$(fact "$1" datadir)" -name 'binlog.0*' | sort | tail -1)
	sql "$1" <"$3"
	mapfile -t logs < <(logs_from "$1" "$first")
	mi-dump -s "$1" -d "$2" -q >dump
	"$mk" rows dump >rows.txt
}

# decoded [MINIMUM]: the logs' changes make the rows; at least so many there are.
decoded() {
	"$mk" changes dump "${logs[@]}" >changes.txt
	[ "$(wc -l <changes.txt)" -ge "${1:-1}" ]
	"$ROOT/tests/lib/replay.py" changes.txt rows.txt
}

events() {
	"$mk" events "${logs[@]}" >events.txt
}

@test "a damaged, cut off or foreign file is an error" {
	sql m "FLUSH BINARY LOGS; CREATE DATABASE damage; FLUSH BINARY LOGS"
	log=$(find "$(fact m datadir)" -name 'binlog.0*' | sort | tail -2 | head -1)
	run_ok "$mk" events "$log"
	head -c -30 "$log" >cut.bin
	run_exit 65 "$mk" events cut.bin
	python3 - "$log" <<-'PY'
		import sys
		data = bytearray(open(sys.argv[1], 'rb').read())
		data[data.index(b'CREATE DATABASE')] ^= 1
		open('damaged.bin', 'wb').write(data)
	PY
	run_exit 65 "$mk" events damaged.bin
	contains "$stderr" "checksum"
	run_exit 74 "$mk" events /dev/null
}

@test "all column types, MySQL, with and without column names in the log" {
	"$ROOT/tests/data/make-torture" mysql >torture.sql
	sql m "SET GLOBAL binlog_row_metadata=FULL"
	logged m torture torture.sql
	decoded 200
	sql m "SET GLOBAL binlog_row_metadata=MINIMAL"
	logged m torture torture.sql
	decoded 200
}

@test "all column types, MariaDB, with and without metadata in the log" {
	local metadata
	"$ROOT/tests/data/make-torture" mariadb >torture.sql
	for metadata in FULL MINIMAL NO_LOG; do
		sql r "SET GLOBAL binlog_row_metadata=$metadata"
		logged r torture torture.sql
		decoded 170
	done
}

@test "kinds of transactions, MySQL" {
	local piece
	logged m x "$ROOT/tests/data/log-mysql.sql"
	decoded 5000
	for piece in 1 18 19 20 4099; do
		MI_PIECE=$piece "$mk" changes dump "${logs[@]}" | cmp - changes.txt
	done
	events
	[ "$(grep -c '^  WRITE_ROWS' events.txt)" -gt 10 ]
	grep -q '^GTID_TAGGED .*:tagged_1:[0-9]* ' events.txt
	grep -q '^XA_PREPARE one_phase=0 7,gt,bq' events.txt
	grep -q '^XA_PREPARE one_phase=1' events.txt
	run ! grep 'unknown=[0-9]' events.txt
	# and without checksums
	sql m "SET GLOBAL binlog_checksum=NONE"
	logged m x "$ROOT/tests/data/log-mysql.sql"
	decoded 5000
	sql m "SET GLOBAL binlog_checksum=CRC32"
}

@test "kinds of transactions, MariaDB" {
	logged r x "$ROOT/tests/data/log-mariadb.sql"
	decoded 5000
	MI_PIECE=1 "$mk" changes dump "${logs[@]}" | cmp - changes.txt
	events
	[ "$(grep -c '^WRITE_ROWS_COMPRESSED_V1' events.txt)" -gt 2 ]
	grep -q '^QUERY_COMPRESSED' events.txt
	grep -q '^GTID 7-' events.txt
	grep -q 'xid=7,gt' events.txt
	run ! grep 'unknown=[0-9]' events.txt
}

@test "GTIDs in the log are those that the server executed" {
	local executed listed
	sql m "SET GTID_NEXT='AUTOMATIC:here'; CREATE DATABASE IF NOT EXISTS tagged; FLUSH BINARY LOGS"
	log=$(find "$(fact m datadir)" -name 'binlog.0*' | sort | tail -1)
	executed=$(sql m "SELECT @@gtid_executed")
	listed=$("$mk" events "$log" | sed -n 's/^PREVIOUS_GTIDS //p')
	mi-gtid equal "$executed" "$listed"
	mapfile -t logs < <(logs_from m "")
	events
	sed -n 's/^GTID[_A-Z]* \([^ ]*\) .*/\1/p' events.txt | paste -sd, >all
	mi-gtid contains "$executed" @all
	[ "$(mi-gtid count @all)" -eq "$(grep -c '^GTID' events.txt)" ]
	sql r "FLUSH BINARY LOGS"
	log=$(find "$(fact r datadir)" -name 'binlog.0*' | sort | tail -1)
	listed=$("$mk" events "$log" | sed -n 's/^GTID_LIST //p')
	mi-gtid equal "$listed" "$(sql r "SELECT @@gtid_binlog_pos")"
}

@test "documents: the text is the server's own" {
	logged m j "$ROOT/tests/data/log-json.sql"
	decoded 60
	events
	[ "$(grep -c PARTIAL_UPDATE_ROWS events.txt)" -gt 20 ]
}

@test "random documents and random changes of their parts" {
	local seed=${SEED:-$RANDOM}
	echo "SEED=$seed"
	"$ROOT/tests/data/make-json" "$seed" >json.sql
	logged m rj json.sql
	decoded 1000
}

@test "images that are not full are refused by name, but for what did not change" {
	local image
	for image in MINIMAL NOBLOB; do
		cat >image.sql <<-SQL
			CREATE DATABASE image; USE image;
			CREATE TABLE t (id INT PRIMARY KEY, a INT, b TEXT);
			INSERT INTO t VALUES (1,1,'x');
			SET binlog_row_image=$image;
			UPDATE t SET a=2;
		SQL
		logged m image image.sql
		run_exit 65 "$mk" changes dump "${logs[@]}"
		contains "$stderr" "image.t: a row image lacks column"
	done
}

@test "a definition of another time is refused" {
	cat >alter.sql <<-'SQL'
		SET GLOBAL binlog_row_metadata=FULL;
		CREATE DATABASE alt; USE alt;
		CREATE TABLE t (id INT PRIMARY KEY, a INT, b INT, e ENUM('x','y'));
		INSERT INTO t VALUES (1,1,2,'x');
	SQL
	local change
	for change in "MODIFY a BIGINT" "MODIFY a INT UNSIGNED" "ADD c INT" "DROP a" \
	    "RENAME COLUMN a TO b, RENAME COLUMN b TO a" "MODIFY a INT NOT NULL" \
	    "MODIFY e ENUM('y','x')"; do
		{ cat alter.sql && echo "ALTER TABLE t $change;"; } >one.sql
		logged m alt one.sql
		run_exit 65 "$mk" changes dump "${logs[@]}"
		contains "$stderr" "alt.t"
	done
}

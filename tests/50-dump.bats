#!/usr/bin/env bats
# mi-dump against real servers: exact values, key ranges, snapshots, and how it stops.
# shellcheck disable=SC2030,SC2031 # tests are subshells

. "$BATS_TEST_DIRNAME/lib/helper.bash"
. "$BATS_TEST_DIRNAME/lib/server.bash"

setup_file() {
	export BATS_TEST_TIMEOUT=600 # for what hangs: a busy machine makes a minute five
	servers=(ma:mariadb)
	if have_mysql; then servers+=(my:mysql); fi
	servers_up "${servers[@]}"
	export NAMES="${servers[*]%%:*}"
	for s in $NAMES; do
		sql "$s" < "$ROOT/tests/data/dump-types.sql"
		sql "$s" < "$ROOT/tests/data/dump-keys.sql"
	done
	sql ma < "$ROOT/tests/data/dump-mariadb.sql"
	if have_mysql; then sql my < "$ROOT/tests/data/dump-mysql.sql"; fi
	# Oracle's library of MySQL 9 has no mysql_native_password any more
	if ldd "$MI_BIN/mi-dump" | grep -q libmysqlclient &&
	    ! mi-dump -q -s ma -d types -T types.zero > /dev/null 2>&1; then
		echo "# this client library cannot log in to MariaDB: MySQL alone" >&3
		NAMES=my
	fi
	export ONE=${NAMES%% *}
}

# Whatever a failed test left behind must not fail the next ones.
teardown() {
	local s id
	exec 7<&-
	for s in $NAMES; do
		for id in $(sql "$s" "SELECT id FROM information_schema.processlist
			WHERE command = 'Query' AND info NOT LIKE '%processlist%'"); do
			sql "$s" "KILL $id" || true
		done
		sql "$s" "XA ROLLBACK 'left-over'" 2> /dev/null || true
	done
}

rowstream() {
	python3 "$ROOT/tests/lib/rowstream.py" "$@"
}

# dump SERVER FILE OPTION...
dump() {
	local server=$1 file=$2
	shift 2
	timeout 120 mi-dump -q -s "$server" "$@" > "$file" 3>&- 4>&-
}

# The files together hold every row of every table of the database, once, to the bit.
holds_all() { # SERVER DB FILE...
	local server=$1 db=$2 table number=0
	shift 2
	rm -rf rows numbered
	mkdir rows
	columns_of "$server" "$db" > columns
	rows_exact "$server" "$db" columns numbered
	while read -r table; do
		number=$((number + 1))
		mv numbered/$number "rows/$table"
	done < <(cut -f 1 columns | uniq)
	[ $number -gt 0 ] || fail "no tables in $db of $server"
	rowstream compare "$db" rows "$@" > compared || fail "$server" "$(cat compared)"
}

# --- before any server

@test "a terminal gets no stream, and wrong words are refused" {
	run_exit 64 script -qec "mi-dump -s $ONE" /dev/null
	for args in --lock=maybe --json=perhaps --threads=0 --chunk-size=1 "-Z 10" operand \
	    --password=x; do
		# shellcheck disable=SC2086
		run_exit 64 mi-dump -s "$ONE" $args
	done
}

@test "a bad list of finished chunks is refused" {
	printf 'types\tints\t0\t1\n' > bad
	run_exit 65 mi-dump -s "$ONE" -d types --skip=bad
	contains "$stderr" "line 1"
	run_exit 74 mi-dump -s "$ONE" -d types --skip=missing
	printf 'types\tints\t0\t\tx3132\n' > bad
	run_exit 65 mi-dump -s "$ONE" -d types --skip=bad
	contains "$stderr" "types.ints"
	printf 'types\tints\t0\t\t5\ntypes\tints\t0\t3\t7\n' > bad
	run_exit 65 mi-dump -s "$ONE" -d types --skip=bad
	contains "$stderr" "overlap"
	printf 'types\tenumkey\t0\t\t5\n' > bad
	run_ok mi-dump -s "$ONE" -d types --skip=bad
}

@test "a condition without a table or without words is refused" {
	run_exit 64 mi-dump -s "$ONE" -d types --where="types.none:id > 1"
	run_exit 64 mi-dump -s "$ONE" -d types --where="types.one:"
	run_exit 65 mi-dump -s "$ONE" -d types --where="types.one:no such column"
	contains "$stderr" "types.one"
}

# --- values

@test "every type arrives exactly" {
	for s in $NAMES; do
		dump "$s" all.mis -d types
		holds_all "$s" types all.mis
		gzip -t all.mis
	done
}

@test "what one flavour alone has arrives exactly" {
	for s in $NAMES; do
		dump "$s" own.mis -d own --json=text
		holds_all "$s" own own.mis
	done
}

@test "the stream's text: NULL is nothing, empty is quoted, numbers are bare" {
	dump "$ONE" all.mis -d types
	text=$(zcat all.mis | tr -d '\0')
	contains "$text" $'\nR,3,,,,,,,,,,,,\n'
	contains "$text" $'\nR,2,127,255,32767,65535,8388607,16777215,2147483647,4294967295,9223372036854775807,18446744073709551615,42,2155\n'
	contains "$text" $'\nR,2,-3.4028235e38,1.7976931348623157e308,-9999.999,0.001,-0.000000000000000000000000000001,0.00\n'
	contains "$text" $'\nR,1,"","","","","","","",'
	contains "$text" $'\nR,2,1,255,18446744073709551615,3,5,9223372036854775809\n'
	contains "$text" $'\nR,5,,,,0,,\n'
	contains "$text" $'\nR,1,"0000-00-00","0000-00-00 00:00:00.000000","0000-00-00 00:00:00.000000","-838:59:59.000000","838:59:59"\n'
	[ "$(rowstream ends all.mis | grep -c $'types.zero\t0')" -eq 1 ]
}

@test "JSON has the types that its text loses beside it, or with --json=text its text alone" {
	need_mysql
	dump my docs.mis -d own -T own.docs
	contains "$(mi-cat docs.mis)" " types '"
	dump my docs.mis -d own -T own.docs --json=text
	lacks "$(mi-cat docs.mis)" " types '"
	[ "$(rowstream column docs.mis own.docs id | wc -l)" -eq 4 ]
}

# --- ranges

@test "chunks of every kind of key cover the table once, however small" {
	for s in $NAMES; do
		for fresh in no yes; do
			dump "$s" all.mis -d ranges --chunk-size=3K --threads=4
			holds_all "$s" ranges all.mis
			for t in k_ci k_clumped k_ubig; do
				rowstream chunks all.mis "ranges.$t" > chunks.txt
				[ "$(wc -l < chunks.txt)" -gt 20 ]
				equal "$(cut -f 2 chunks.txt | grep -c '^$')" 1 "chunks without a beginning"
			done
			[ "$fresh" = yes ] || for t in $(tables_of "$s" ranges); do
				sql "$s" "ANALYZE TABLE ranges.$t" > /dev/null
			done
		done
		dump "$s" one.mis -d ranges --threads=1 -Z 0
		holds_all "$s" ranges one.mis
	done
}

@test "a resumed dump reads the complement and nothing else" {
	for s in $NAMES; do
		dump "$s" all.mis -d ranges --chunk-size=3K --threads=3
		for seed in 1 2 3; do
			rowstream finished all.mis $seed > skip
			dump "$s" rest.mis -d ranges --skip=skip --chunk-size=7K --threads=3
			rowstream resumed all.mis skip rest.mis > compared ||
			    fail "$s, seed $seed" "$(cat compared)"
		done
	done
	dump "$ONE" all.mis -d own --chunk-size=3K --threads=3 -T own.k_\*
	rowstream finished all.mis 4 > skip
	dump "$ONE" rest.mis -d own --skip=skip --threads=3 -T own.k_\*
	rowstream resumed all.mis skip rest.mis
}

@test "a table that is done is left out, its end is not" {
	printf 'ranges\tk_int\tdone\n' > skip
	dump "$ONE" rest.mis -d ranges -T ranges.k_int -T ranges.k_tiny --skip=skip
	rowstream ends rest.mis | sort > ends.txt
	equal "$(cat ends.txt)" $'ranges.k_int\t0\nranges.k_tiny\t256'
	printf 'ranges\tk_int\t0\t\t\n' > skip
	dump "$ONE" rest.mis -d ranges -T ranges.k_int --skip=skip
	equal "$(rowstream ends rest.mis)" $'ranges.k_int\t0'
}

@test "--where takes the rows that meet all conditions of a table" {
	dump "$ONE" some.mis -d ranges --where='ranges.k_*:v <> 5 -- not five' \
	    --where="ranges.k_date:k < '1900-01-10'" -T ranges.k_date -T ranges.k_dec
	equal "$(rowstream column some.mis ranges.k_date v | tr '\n' ' ')" "0 1 2 3 4 6 7 8 "
	[ "$(rowstream column some.mis ranges.k_dec v | wc -l)" -eq 5999 ]
}

@test "memory stays under 64 MiB, and is said" {
	if ldd "$MI_BIN/mi-dump" | grep -q libasan; then skip "AddressSanitizer takes its own"; fi
	for s in $NAMES; do
		sql "$s" "CREATE DATABASE big; CREATE TABLE big.t (id INT PRIMARY KEY, v LONGTEXT);
			INSERT INTO big.t SELECT i, REPEAT(SHA2(i, 512), 200) FROM ranges.seq"
		for level in 0 1; do
			peak=$(python3 - "$s" $level <<-'PY'
				import resource, subprocess, sys
				subprocess.run(['mi-dump', '-q', '-s', sys.argv[1], '-d', 'big', '-j', '8',
				                '-Z', sys.argv[2]], stdout=subprocess.DEVNULL, check=True)
				print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
			PY
			)
			echo "# peak memory of mi-dump, 8 readers, 150 MB, -Z $level: $peak KiB" >&3
			[ "$peak" -lt 65536 ]
		done
	done
}

@test "progress goes into a file" {
	run_ok bash -c "mi-dump -s $ONE -d types --progress=metrics > out.mis"
	contains "$stderr" "dumped "
	grep -q '^mi_finished{tool="mi-dump"} 1$' metrics
	rows=$(rowstream ends out.mis | awk '{ n += $NF } END { print n }')
	grep -q "^mi_rows_total{tool=\"mi-dump\"} $rows\$" metrics
	run_exit 74 bash -c "mi-dump -s $ONE -d types --progress=/no/such/dir/x > out.mis"
}

# --- snapshots

# Writers that move money between accounts, each transaction with a row in the journal, until told
# to stop. Sets writer_pids.
start_writers() { # SERVER
	sql "$1" <<-'SQL'
		DROP DATABASE IF EXISTS bank;
		CREATE DATABASE bank;
		CREATE TABLE bank.stop (n INT PRIMARY KEY);
		CREATE TABLE bank.journal (n INT AUTO_INCREMENT PRIMARY KEY, who INT);
		CREATE TABLE bank.account (id INT PRIMARY KEY, money INT, note CHAR(100));
		INSERT INTO bank.account SELECT i, 1000, 'x' FROM ranges.seq WHERE i < 2000;
		DELIMITER //
		CREATE PROCEDURE bank.move(me INT)
		BEGIN
			WHILE NOT EXISTS (SELECT * FROM bank.stop) DO
				SET @a = FLOOR(RAND() * 2000), @b = FLOOR(RAND() * 2000);
				START TRANSACTION;
				UPDATE bank.account SET money = money - 7 WHERE id = LEAST(@a, @b);
				UPDATE bank.account SET money = money + 7 WHERE id = GREATEST(@a, @b);
				INSERT INTO bank.journal (who) VALUES (me);
				COMMIT;
				DO SLEEP(0.002);
			END WHILE;
		END //
	SQL
	base=$(position_of "$1")
	writer_pids=()
	for me in 1 2 3 4; do
		background sql "$1" "CALL bank.move($me)"
		writer_pids+=("$bg_pid")
	done
	wait_until 20 journal_has "$1" 50
}

journal_has() {
	[ "$(sql "$1" 'SELECT COUNT(*) FROM bank.journal')" -ge "$2" ]
}

stop_writers() {
	sql "$1" 'INSERT INTO bank.stop VALUES (1)'
	wait "${writer_pids[@]}"
}

position_of() {
	case $1 in
	ma) sql ma 'SELECT @@gtid_binlog_pos' ;;
	*) sql my 'SELECT @@gtid_executed' ;;
	esac
}

# How many transactions position $2 has after the base.
since_base() { # SERVER POSITION
	case $1 in
	ma) echo $((${2##*-} - ${base##*-})) ;;
	*) mi-gtid count "$(mi-gtid subtract "$2" "$base")" ;;
	esac
}

check_bank() { # SERVER FILE
	local low high rows sum
	low=$(rowstream header "$2" low)
	high=$(rowstream header "$2" high)
	# account is table 1, journal table 2
	read -r rows sum < <(zcat "$2" | awk -F, '
		$1 == "CHUNK" { table = $2 }
		$1 == "R" && table == 1 { sum += $3 }
		$1 == "R" && table == 2 { rows++ }
		END { print rows, sum }')
	if [ "$low" = "$high" ]; then
		exact=$((exact + 1))
		equal "$sum" 2000000 "the money of $2"
	fi
	[ "$(since_base "$1" "$low")" -le "$rows" ] || fail "low is past the snapshot: $low, $rows rows"
	[ "$(since_base "$1" "$high")" -ge "$rows" ] || fail "the snapshot is past high: $high, $rows rows"
}

@test "dumps under writers: the money adds up and the position is the snapshot's" {
	local rounds=${ROUNDS:-2} round
	for s in $NAMES; do
		for how in flush:2 tables:2 none:1 none:3; do
			start_writers "$s" # anew: on a busy machine the journal outgrows what is read of it
			exact=0
			for ((round = 1; round <= rounds; round++)); do
				# the writers' CALL grows old, but its statements do not
				dump "$s" "bank.mis" -d bank -X bank.stop --chunk-size=8K \
				    --long-query-guard=0 --lock="${how%:*}" --threads="${how#*:}"
				check_bank "$s" bank.mis
			done
			echo "# $s --lock=${how%:*} with ${how#*:} readers: $exact of $rounds exact" >&3
			case $how in
			flush:* | tables:*) [ $exact -eq "$rounds" ] ;;
			esac
			stop_writers "$s"
		done
	done
}

@test "a prepared XA transaction is waited for, else named" {
	for s in $NAMES; do
		sql "$s" "CREATE DATABASE xa; CREATE TABLE xa.t (id INT PRIMARY KEY)"
		sql "$s" "XA START 'left-over'; INSERT INTO xa.t VALUES (1);
			XA END 'left-over'; XA PREPARE 'left-over'"
		for how in flush tables none; do
			run_exit 75 mi-dump -s "$s" -d xa --lock=$how --xa-wait=0
			contains "$stderr" "left-over"
		done
		background bash -c "exec mi-dump -s $s -d xa --xa-wait=60 > xa.mis 2> xa.err"
		wait_until 20 grep -q "waiting for prepared" xa.err
		sql "$s" "XA COMMIT 'left-over'"
		wait "$bg_pid"
		equal "$(rowstream column xa.mis xa.t id)" 1
		sql "$s" "DROP DATABASE xa"
	done
}

@test "a lock that others hold is tried for less than a second, and no lock is needed" {
	for s in $NAMES; do
		background sql "$s" "LOCK TABLES types.one WRITE; SELECT SLEEP(60) AS holder"
		wait_until 20 holder_sleeps "$s"
		for how in flush tables; do
			run_exit 75 mi-dump -s "$s" -d types --lock=$how --lock-tries=1
			contains "$stderr" "not granted within"
		done
		run_ok mi-dump -s "$s" -d types --lock-tries=1 -X types.one -v
		contains "$stderr" "snapshot with --lock=none"
		end_holder "$s"
		wait "$bg_pid" || true
	done
}

holder_sleeps() {
	[ -n "$(holder_of "$1")" ]
}

holder_of() {
	sql "$1" "SELECT id FROM information_schema.processlist WHERE info LIKE '%SLEEP(60) AS hol%'
		AND info NOT LIKE '%processlist%'"
}

end_holder() {
	sql "$1" "KILL $(holder_of "$1")"
}

@test "no lock while an old statement runs" {
	for s in $NAMES; do
		background sql "$s" "SELECT SLEEP(60) AS holder"
		wait_until 20 holder_sleeps "$s"
		wait_until 20 holder_is_old "$s"
		for how in flush tables; do
			run_exit 75 mi-dump -s "$s" -d types --lock=$how --lock-tries=2 --long-query-guard=1
			contains "$stderr" "session $(holder_of "$s")"
		done
		run_ok mi-dump -s "$s" -d types --lock-tries=1 --long-query-guard=1 -v
		contains "$stderr" "snapshot with --lock=none"
		run_ok mi-dump -s "$s" -d types --lock=flush --long-query-guard=0
		end_holder "$s"
		wait "$bg_pid" || true
	done
}

holder_is_old() {
	[ "$(sql "$1" "SELECT time FROM information_schema.processlist WHERE id=$(holder_of "$1")")" -ge 1 ]
}

@test "privileges for locks are needed only by who asks for a lock" {
	for s in $NAMES; do
		sql "$s" "CREATE USER poor@'%' IDENTIFIED BY 'Poor-1-Poor'; GRANT SELECT ON types.* TO poor@'%'"
		case $s in
		my) sql "$s" "GRANT XA_RECOVER_ADMIN ON *.* TO poor@'%'" ;;
		ma) sql "$s" "GRANT BINLOG MONITOR ON *.* TO poor@'%'" ;;
		esac
		printf '[client_poor]\nhost=127.0.0.1\nport=%s\nuser=poor\npassword=Poor-1-Poor\n' \
		    "$(fact "$s" port)" > poor.cnf
		chmod 600 poor.cnf
		run_ok mi-dump -c poor.cnf -s poor -d types
		run_exit 77 mi-dump -c poor.cnf -s poor -d types --lock=flush
		run_exit 77 mi-dump -c poor.cnf -s poor -d types --lock=tables
		sql "$s" "GRANT LOCK TABLES ON types.* TO poor@'%'"
		run_ok mi-dump -c poor.cnf -s poor -d types --lock=tables
	done
}

@test "tables without snapshots, and a server without GTIDs, are refused" {
	for s in $NAMES; do
		sql "$s" "CREATE DATABASE old; CREATE TABLE old.m (id INT PRIMARY KEY) ENGINE=MyISAM"
		run_exit 65 mi-dump -s "$s" -d old
		contains "$stderr" "old.m"
		run_ok mi-dump -s "$s" -d old -X old.m
		sql "$s" "DROP DATABASE old"
	done
	run_exit 78 mi-dump -s "$ONE" -d nowhere
}

# --- interruptions

# A dump that stands still because nobody reads it: fd 7 is its stream, dump_pid its process.
stuck_dump() { # SERVER OPTION...
	local server=$1
	shift
	rm -f pipe
	mkfifo pipe
	background bash -c "exec mi-dump -s $server $* -Z 0 --chunk-size=64K > pipe 2> stuck.err"
	dump_pid=$bg_pid
	exec 7< pipe
	head -c 1000 <&7 > stuck.mis
}

# Lets it go on; sets status.
unstick() {
	cat <&7 >> stuck.mis
	exec 7<&-
	status=0
	wait "$dump_pid" || status=$?
}

# More than the pipe holds, or with 60 than pipe and sockets, and a small table that is read last.
make_stuck() { # SERVER [SIZE]
	sql "$1" "DROP DATABASE IF EXISTS stuck; CREATE DATABASE stuck;
		CREATE TABLE stuck.large (id INT PRIMARY KEY, v TEXT);
		CREATE TABLE stuck.small (id INT PRIMARY KEY, v INT);
		INSERT INTO stuck.large SELECT i, REPEAT(SHA2(i, 512), ${2-10}) FROM ranges.seq;
		INSERT INTO stuck.small VALUES (1, 1); ANALYZE TABLE stuck.large, stuck.small" > /dev/null
}

@test "DDL while it reads: exit 65, the table named, no END" {
	for s in $NAMES; do
		for ddl in "ALTER TABLE stuck.small ADD w INT" "DROP TABLE stuck.small" \
		    "RENAME TABLE stuck.small TO stuck.other" "ALTER TABLE stuck.small MODIFY v BIGINT"; do
			make_stuck "$s"
			stuck_dump "$s" -d stuck -j 1
			sql "$s" "$ddl"
			unstick
			equal "$status" 65 "$ddl: $(cat stuck.err)"
			contains "$(cat stuck.err)" "stuck.small"
			run_exit 65 mi-cat stuck.mis
		done
		# a table of which nothing is read is compared all the same
		make_stuck "$s"
		printf 'stuck\tsmall\tdone\n' > skip
		stuck_dump "$s" -d stuck -j 1 --skip=skip
		sql "$s" "ALTER TABLE stuck.small ADD w INT"
		unstick
		equal "$status" 65 "$(cat stuck.err)"
		contains "$(cat stuck.err)" "stuck.small"
		run_exit 65 mi-cat stuck.mis
	done
}

reader_of() {
	sql "$1" "SELECT id FROM information_schema.processlist
		WHERE info LIKE 'SELECT%stuck%large%ORDER BY%' AND info NOT LIKE '%processlist%'"
}

reader_reads() {
	[ -n "$(reader_of "$1")" ]
}

@test "a reader's session is killed: exit 69, no END, nothing reconnects" {
	for s in $NAMES; do
		make_stuck "$s" 60
		for how in "KILL" "KILL QUERY"; do
			stuck_dump "$s" -d stuck -j 1
			wait_until 20 reader_reads "$s"
			sql "$s" "$how $(reader_of "$s")"
			unstick
			equal "$status" 69 "$how: $(cat stuck.err)"
			contains "$(cat stuck.err)" "stuck.large"
			run_exit 65 mi-cat stuck.mis
		done
	done
}

nobody_reads() {
	[ -z "$(reader_of "$1")" ]
}

@test "a signal ends it with 75 and no END; a vanished reader of the pipe with 74" {
	for s in $NAMES; do
		make_stuck "$s"
		stuck_dump "$s" -d stuck -j 1
		kill -TERM "$dump_pid"
		unstick
		equal "$status" 75 "$(cat stuck.err)"
		run_exit 65 mi-cat stuck.mis
		stuck_dump "$s" -d stuck -j 1
		exec 7<&-
		status=0
		wait "$dump_pid" || status=$?
		equal "$status" 74 "$(cat stuck.err)"
		# nor does the server go on with what nobody waits for
		wait_until 20 nobody_reads "$s"
	done
}

#!/usr/bin/env bats
# Every type and definition of make-torture, by INSERT, by UPDATE of each column and by DELETE, from
# the binary log into another server: both sides are equal, whatever the source's settings.
# SEED=n repeats a run; ROUNDS=n statements at random in each test.
# shellcheck disable=SC2030,SC2031

. "$BATS_TEST_DIRNAME/lib/helper.bash"
. "$BATS_TEST_DIRNAME/lib/server.bash"
. "$BATS_TEST_DIRNAME/lib/follow.bash"

export BATS_TEST_TIMEOUT=120

# What cannot be followed (no row key at all), and what MariaDB has no place for.
no_key=no_key
not_in_mariadb=vectors,functional,desc_key,ai_collation,json_docs,floats,checked,shapes_srid,no_key

servers "m:mysql --max-allowed-packet=1G" "t:mysql --max-allowed-packet=1G" \
    "r:mariadb --max-allowed-packet=1G" "u:mariadb --max-allowed-packet=1G"

servers_ready() {
	cd "$BATS_FILE_TMPDIR" || return
	export SEED=${SEED:-$((RANDOM * 32768 + RANDOM))} ROUNDS=${ROUNDS:-400}
	echo "# SEED=$SEED ROUNDS=$ROUNDS" >&3
	prepare m mysql &
	prepare r mariadb
	wait $!
}

# The kept copy, and the definitions as SQL for the source itself and both targets.
prepare() {
	local to table skip
	for db in kept torture; do
		"$ROOT/tests/data/make-torture" "$2" $db | sed '/^INSERT INTO huge SELECT 2/d' | sql "$1"
	done
	"$ROOT/tests/data/make-torture" --programs | sql "$1"
	for to in "$1" t u; do
		skip=(-X torture.alike) # no strict server makes it, see fresh
		if [ "$1$to" = mu ]; then
			for table in ${not_in_mariadb//,/ }; do skip+=(-X "torture.$table"); done
		fi
		mi-schema -q -s "$1" -d torture "${skip[@]}" --for-server="$to" --sql >"$1-$to.sql"
	done
}

# fresh SOURCE TARGET: empty tables on both sides, from where to follow in the file cp.
fresh() {
	local server
	sql "$1" "SET foreign_key_checks=0; DROP DATABASE IF EXISTS torture"
	sql "$2" "SET foreign_key_checks=0; DROP DATABASE IF EXISTS torture"
	sql "$1" <"$BATS_FILE_TMPDIR/$1-$1.sql"
	sql "$2" <"$BATS_FILE_TMPDIR/$1-$2.sql"
	for server in "$1" "$2"; do
		{ echo "SET sql_mode=''; USE torture;"; grep '^CREATE TABLE alike' "$ROOT/tests/data/make-torture"; } | sql "$server"
	done
	rm -f cp
	since=$(position "$1")
}

# changed SOURCE SEED: changes by make-torture, all of which must be of the kind that it means.
changed() {
	"$ROOT/tests/data/make-torture" --changes "$2" "$ROUNDS" | sql "$1" >changes.out
	equal "$(wc -l <changes.out)" 1 "$(head -5 changes.out)"
	[ "$(cut -f 1 changes.out)" -gt 400 ]
}

# tortured SOURCE TARGET [LEFT-OUT [OPTION...]]: one pass; then all rows go.
tortured() {
	local left_out=${3:-$no_key} table
	filter=()
	for table in ${left_out//,/ }; do filter+=(-X "torture.$table"); done
	fresh "$1" "$2"
	changed "$1" "$SEED"
	carried "$1" "$2" torture "${@:4}"
	tables_equal "$1" "$2" torture "$left_out"
	sql "$1" "SELECT CONCAT('DELETE FROM torture.', tab, ';') FROM kept.tabs" >deletes.sql
	{ echo "SET foreign_key_checks=0; BEGIN;"; cat deletes.sql; echo "COMMIT;"; } | sql "$1"
	carried "$1" "$2" torture
	tables_equal "$1" "$2" torture "$left_out"
	equal "$(sql "$2" "SELECT COUNT(*) FROM torture.strings")" 0
}

@test "MySQL to MySQL: no metadata in the log" {
	sql m "SET GLOBAL binlog_row_metadata=MINIMAL, GLOBAL binlog_transaction_compression=OFF, GLOBAL binlog_row_value_options=''"
	tortured m t
}

@test "MySQL to MySQL: full metadata, compressed, partial JSON" {
	sql m "SET GLOBAL binlog_row_metadata=FULL, GLOBAL binlog_transaction_compression=ON, GLOBAL binlog_row_value_options=PARTIAL_JSON"
	tortured m t
}

@test "MySQL to MySQL: no metadata, compressed, partial JSON, one by one" {
	sql m "SET GLOBAL binlog_row_metadata=MINIMAL, GLOBAL binlog_transaction_compression=ON, GLOBAL binlog_row_value_options=PARTIAL_JSON"
	tortured m t $no_key --batch=1
}

@test "MariaDB to MariaDB: no metadata in the log" {
	sql r "SET GLOBAL binlog_row_metadata=NO_LOG, GLOBAL log_bin_compress=OFF"
	tortured r u
}

@test "MariaDB to MariaDB: full metadata, compressed" {
	sql r "SET GLOBAL binlog_row_metadata=FULL, GLOBAL log_bin_compress=ON, GLOBAL log_bin_compress_min_len=10"
	tortured r u
}

@test "MariaDB to MySQL" {
	sql r "SET GLOBAL binlog_row_metadata=MINIMAL, GLOBAL log_bin_compress=OFF"
	tortured r t
}

@test "MySQL to MariaDB: what has a place there" {
	sql m "SET GLOBAL binlog_row_metadata=FULL, GLOBAL binlog_transaction_compression=OFF, GLOBAL binlog_row_value_options=''"
	tortured m u $not_in_mariadb
}

# ---- Forms of statements ----

# rewritten SOURCE rows|tables: see torture-programs.sql; nothing fails.
rewritten() {
	sql "$1" "CALL kept.rewrite_$2()" >rewritten.out
	equal "$(wc -l <rewritten.out) $(cut -f 2 rewritten.out)" "1 0" "$(head -5 rewritten.out)"
}

# at_once SOURCE TARGET [OPTION...]: carried, and no batch was written one by one because it failed.
at_once() {
	carried "$1" "$2" torture --progress=apply.prom "${@:3}"
	equal "$(grep ^mi_replays_total apply.prom)" 'mi_replays_total{tool="mi-apply"} 0'
}

# every_form SOURCE TARGET [LEFT-OUT]: each value that the torture knows is written by an INSERT of many
# rows, by what updates many at once and one alone, and by a REPLACE.
every_form() {
	local left_out=${3:-$no_key} table
	filter=()
	for table in ${left_out//,/ }; do filter+=(-X "torture.$table"); done
	fresh "$1" "$2"
	sql "$1" "SET @done=0, @failed=0, SESSION sort_buffer_size=67108864; CALL kept.fill()"
	at_once "$1" "$2"
	tables_equal "$1" "$2" torture "$left_out"
	rewritten "$1" tables
	at_once "$1" "$2"
	tables_equal "$1" "$2" torture "$left_out"
	rewritten "$1" rows
	at_once "$1" "$2" --batch=1
	tables_equal "$1" "$2" torture "$left_out"
	rewritten "$1" tables
	sql "$2" "UPDATE torture._mi_checkpoint SET high='$(position "$1")' WHERE sid=''"
	at_once "$1" "$2"
	tables_equal "$1" "$2" torture "$left_out"
}

@test "every form of statement writes every value: MySQL to MySQL" { every_form m t; }
@test "every form of statement writes every value: MySQL to MariaDB" { every_form m u $not_in_mariadb; }
@test "every form of statement writes every value: MariaDB to MariaDB" { every_form r u; }
@test "every form of statement writes every value: MariaDB to MySQL" { every_form r t; }

@test "random documents and random changes within them: MySQL to MySQL" {
	sql m "SET GLOBAL binlog_row_metadata=FULL, GLOBAL binlog_transaction_compression=OFF; DROP DATABASE IF EXISTS rj"
	sql t "DROP DATABASE IF EXISTS rj; CREATE DATABASE rj CHARACTER SET utf8mb4; CREATE TABLE rj.d (id INT PRIMARY KEY, a JSON, n INT, b JSON)"
	"$ROOT/tests/data/make-json" "$SEED" >json.sql
	sed '/^INSERT/,$d' json.sql | sql m
	since=$(position m)
	filter=()
	sed -n '1s/CREATE DATABASE.*/USE rj;/p; 3,$p' json.sql | sql m
	carried m t rj
	tables_equal m t rj
	[ "$(sql t "SELECT SUM(n)>100 FROM rj.d")" = 1 ]
}

# ---- Positions ----

# Two databases, changed together and apart.
two_databases() {
	local server
	for server in "$@"; do
		sql "$server" "DROP DATABASE IF EXISTS one; DROP DATABASE IF EXISTS \`two \"x\"\`;
			CREATE DATABASE one; CREATE DATABASE \`two \"x\"\`;
			CREATE TABLE one.t (id INT PRIMARY KEY, v INT); CREATE TABLE \`two \"x\"\`.t LIKE one.t"
	done
	rm -f cp
	since=$(position "$1")
}

both_followed() {
	filter=(-d 'two "x"')
	carried "$1" "$2" one
	tables_equal "$1" "$2" one
	tables_equal "$1" "$2" 'two "x"'
	mi-gtid equal @cp "$(position "$1")"
}

@test "several databases, hundreds of UUIDs, tags, holes that are filled later" {
	local i uuid
	two_databases m t
	for i in {1..300}; do
		printf -v uuid '%08x-0000-4000-8000-%012x' $((i * 7919 % 65521)) "$i"
		echo "SET gtid_next='$uuid:$((1 + i % 5))'; BEGIN; INSERT INTO one.t VALUES ($i,0); INSERT INTO \`two \"x\"\`.t VALUES ($i,1); COMMIT;"
		[ $((i % 3)) -ne 0 ] || echo "SET gtid_next='$uuid:$((10 + i % 7))'; UPDATE one.t SET v=v+1 WHERE id<=$i;"
		[ $((i % 7)) -ne 0 ] || echo "SET gtid_next='$uuid:tag_$((i % 3)):$((1 + i % 2 * 5))'; DELETE FROM one.t WHERE id=$i;"
		[ $((i % 11)) -ne 0 ] || echo "SET gtid_next='AUTOMATIC'; UPDATE \`two \"x\"\`.t SET v=v+1 WHERE id=$i;"
		[ $((i % 13)) -ne 0 ] || echo "SET gtid_next='$uuid:99'; BEGIN; COMMIT;"
	done >work.sql
	sql m <work.sql
	both_followed m t
	[ "$(wc -c <'cp')" -gt 10000 ]
	# the holes, from the highest to the lowest
	for i in {300..1..20}; do
		printf -v uuid '%08x-0000-4000-8000-%012x' $((i * 7919 % 65521)) "$i"
		echo "SET gtid_next='$uuid:$((7 + i % 3))'; BEGIN; UPDATE one.t SET v=v+100 WHERE id=$i; COMMIT;"
		echo "SET gtid_next='$uuid:tag_0:4'; UPDATE \`two \"x\"\`.t SET v=v+100 WHERE id=$i;"
	done >work.sql
	sql m <work.sql
	both_followed m t
	run_ok mi-apply -q -s t --state-db=one --checkpoint=cp < <(mi-binlog -q -s m -d one -d 'two "x"' --import=one --since="$since" --until=now)
	tables_equal m t one
}

@test "MariaDB: several databases, domains and servers" {
	local i
	two_databases r u
	for i in {1..200}; do
		echo "SET gtid_domain_id=$((i * 7 % 13)), server_id=$((1 + i % 3)); BEGIN; INSERT INTO one.t VALUES ($i,0); INSERT INTO \`two \"x\"\`.t VALUES ($i,1); COMMIT;"
		[ $((i % 3)) -ne 0 ] || echo "UPDATE one.t SET v=v+1 WHERE id<=$i;"
		[ $((i % 7)) -ne 0 ] || echo "SET gtid_seq_no=$((1000000 + i)); DELETE FROM one.t WHERE id=$i;"
	done >work.sql
	sql r <work.sql
	both_followed r u
	sql r "SET gtid_domain_id=4; UPDATE one.t SET v=7; SET gtid_domain_id=3; UPDATE one.t SET v=v+id"
	both_followed r u
}

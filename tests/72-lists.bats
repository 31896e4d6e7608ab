#!/usr/bin/env bats
# Lists of length 0 and 1: databases without tables, tables without columns that travel, keys of one column, types of
# one member; through mi-check, the copy, and what follows it, on both flavours.
# shellcheck disable=SC2030,SC2031

. "$BATS_TEST_DIRNAME/lib/helper.bash"
. "$BATS_TEST_DIRNAME/lib/server.bash"

servers a:mysql b:mysql m:mariadb n:mariadb

copy() {
	"$ROOT/pipelines/copy" "$@"
}
drop() { # DATABASE: everywhere
	local server
	for server in a b m n; do sql "$server" "DROP DATABASE IF EXISTS \`$1\`"; done
}

# Copies DB from one server to the other with OPTION..., which has to name a position, and to go on from there.
copied_quietly() { # FROM TO DB OPTION...
	local from=$1 to=$2 db=$3
	shift 3
	sql "$to" "DROP DATABASE IF EXISTS $db"
	rm -rf state
	run_ok copy -s "$from" -t "$to" -d "$db" "$@" state
	contains "$stderr" "position $(cat state/applied.gtid)"
	[[ $stderr != *cannot* ]] || fail "$stderr"
	mi-gtid contains @state/applied.gtid "$(cat state/applied.gtid)"
	[ -s state/applied.gtid ]
	equal "$(sql "$to" "SELECT COUNT(*) FROM $db._mi_checkpoint WHERE sid<>''")" 1
	mi-binlog -q -s "$from" -d "$db" --since=@state/applied.gtid --until=now |
		MI_IMPORT=$(cat state/import) mi-apply -q -s "$to" --checkpoint=state/followed
}

@test "databases without tables: copied, with a position, by pipe and by spool" {
	local pair
	drop bare
	sql a "CREATE DATABASE bare"
	sql m "CREATE DATABASE bare"
	for pair in "a b" "m n" "a n" "m b"; do
		# shellcheck disable=SC2086
		copied_quietly $pair bare
		# shellcheck disable=SC2086
		copied_quietly $pair bare --spool=yes
	done
	drop bare
}

@test "a database of views alone, and one whose tables are all left out" {
	drop bare
	sql a "CREATE DATABASE bare; CREATE VIEW bare.v AS SELECT 1 AS x"
	sql m "CREATE DATABASE bare; CREATE VIEW bare.v AS SELECT 1 AS x"
	copied_quietly a b bare
	equal "$(sql b "SELECT x FROM bare.v")" 1
	copied_quietly m n bare
	equal "$(sql n "SELECT x FROM bare.v")" 1
	sql a "CREATE TABLE bare.t (id INT PRIMARY KEY); INSERT INTO bare.t VALUES (1)"
	copied_quietly a b bare -X bare.t
	equal "$(sql b "SHOW TABLES FROM bare LIKE 't'")" ""
	drop bare
}

@test "a row stream without tables and databases has a position, too" {
	mi-dump -q -s a --all-databases >rows
	run_ok mi-load -s b --checkpoint=position <rows
	contains "$stderr" "the position is in no server"
	run_ok mi-gtid contains "$(sql a "SELECT @@gtid_executed")" @position
	run_ok mi-load -s b --state-db=books --checkpoint=again <rows
	cmp position again
	equal "$(sql b "SELECT COUNT(*) FROM books._mi_checkpoint WHERE sid=''")" 1
	sql b "DROP DATABASE books"
}

@test "mi-check of a database without tables says so, and lets the copy go on" {
	drop bare
	sql a "CREATE DATABASE bare"
	run_ok mi-check -s a -t b -d bare --copy-only
	contains "$output" "no table that this account can see in bare"
	drop bare
}

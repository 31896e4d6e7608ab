#!/usr/bin/env bats
# Definitions that change while nobody follows: random histories of tables, followed in pieces, with runs that are
# killed. The target must be what the followed part of the history makes, or the follower has stopped and says why.
# SEED=n repeats a run; HISTORIES=n of them for each pair of servers, STEPS=n steps each.
# shellcheck disable=SC2030,SC2031

. "$BATS_TEST_DIRNAME/lib/helper.bash"
. "$BATS_TEST_DIRNAME/lib/server.bash"
. "$BATS_TEST_DIRNAME/lib/follow.bash"

servers a:mysql b:mysql m:mariadb n:mariadb

servers_ready() {
	export SEED=${SEED:-$((RANDOM * 32768 + RANDOM))} HISTORIES=${HISTORIES:-2} STEPS=${STEPS:-24}
	echo "# SEED=$SEED HISTORIES=$HISTORIES STEPS=$STEPS" >&3
}

# made LINES SOURCE: runs `statements` in pieces; `ends` has "LINES POSITION" of the end of each.
made() {
	local lines=$1 server=$2 from=1 to size
	while [ "$from" -le "$lines" ]; do
		size=$((RANDOM % 9 + 1)) to=$((from + size - 1))
		sed -n "$from,${to}p" statements | awk -F'\t' '{ print "USE " $1 ";"; print $2 ";" }' | sql "$server" || return
		[ "$to" -le "$lines" ] || to=$lines
		printf '%s %s\n' "$to" "$(position "$server")" >>ends
		from=$((to + 1))
	done
}

# followed SOURCE TARGET DB UNTIL [SECONDS]: up to a position; killed after so many seconds.
followed() {
	local kill=() codes
	[ -z "${5-}" ] || kill=(timeout -s KILL "$5")
	if [ -e "$3.cp" ]; then since=@$3.cp; else since=$start; fi
	"${kill[@]}" mi-binlog -q -s "$1" -d "$3" --import="$3" --since="$since" --until="$4" --definitions="$3.defs" 2>>"$3.err" |
	    mi-apply -q -s "$2" --state-db="$3" --start="$start" --checkpoint="$3.cp" --on-ddl=apply 2>>"$3.err"
	codes=("${PIPESTATUS[@]}")
	[ "${codes[0]}" -ne 65 ] || return 65
	return "${codes[1]}"
}

# everything SERVER DB: all tables with their columns and rows.
everything() {
	sql "$1" "SET SESSION group_concat_max_len=1000000, sql_mode='';
		SELECT CONCAT('SELECT ', QUOTE(CONCAT('table ', TABLE_NAME, ': ', GROUP_CONCAT(COLUMN_NAME, ' ', COLUMN_TYPE
		ORDER BY ORDINAL_POSITION))), '; SELECT * FROM $2.', TABLE_NAME, ' ORDER BY id;') FROM information_schema.COLUMNS
		WHERE TABLE_SCHEMA='$2' AND TABLE_NAME NOT LIKE '\\_mi\\_%' GROUP BY TABLE_NAME ORDER BY TABLE_NAME" | sql "$1"
}

# replayed SERVER DB LINES: what the history's statements among the first LINES make, in a database of its own that is
# taken along from call to call.
replayed() {
	local from=0
	[ ! -e "$2.replayed" ] || from=$(<"$2.replayed")
	{
		[ "$from" -gt 0 ] || echo "DROP DATABASE IF EXISTS want_$2; CREATE DATABASE want_$2;"
		echo "USE want_$2;"
		head -n "$3" all | awk -F'\t' -v db="$2" -v from="$from" 'NR > from && $1 == db { print $2 ";" }'
	} | sql "$1"
	echo "$3" >"$2.replayed"
	everything "$1" "want_$2"
}

# histories SOURCE TARGET METADATA.
histories() {
	local source=$1 target=$2 n lines part end begin line at code stops=0
	set -o pipefail
	sql "$source" "SET GLOBAL binlog_row_metadata=$3"
	for ((n = 1; n <= HISTORIES; n++)); do
		sql "$source" "DROP DATABASE IF EXISTS h$n; CREATE DATABASE h$n"
		sql "$target" "DROP DATABASE IF EXISTS h$n; CREATE DATABASE h$n"
	done
	start=$(position "$source")
	python3 "$BATS_TEST_DIRNAME/lib/histories.py" "$SEED" "$HISTORIES" "$STEPS" >all
	RANDOM=$SEED begin=1
	for ((part = 1; part <= 3; part++)); do
		lines=$(($(wc -l <all) * part / 3))
		sed -n "$begin,${lines}p" all >statements
		: >ends
		made $((lines - begin + 1)) "$source"
		for ((n = 1; n <= HISTORIES; n++)); do
			[ ! -e "h$n.stopped" ] || continue
			while read -r line at; do
				[ "$line" -eq $((lines - begin + 1)) ] || [ $((RANDOM % 8)) -eq 0 ] || continue
				[ $((RANDOM % 3)) -ne 0 ] || followed "$source" "$target" "h$n" "$at" "0.0$((RANDOM % 9 + 1))" || true
				code=0
				followed "$source" "$target" "h$n" "$at" || code=$?
				if [ "$code" -ne 0 ]; then
					equal "$code" 65 || fail "h$n: $(tail -3 "h$n.err")"
					echo "# h$n stopped: $(grep -m 1 definition "h$n.err" | head -c 300)" >&3
					touch "h$n.stopped"
					stops=$((stops + 1))
					break
				fi
				equal "$(everything "$target" "h$n")" "$(replayed "$target" "h$n" $((begin + line - 1)))"
			done <ends
		done
		begin=$((lines + 1))
	done
	echo "# $1 $3: $stops of $HISTORIES histories stopped" >&3
	rm -rf h*.cp h*.defs h*.err h*.stopped h*.replayed
}

@test "MySQL, metadata that names no columns" { histories a b MINIMAL; }
@test "MySQL, metadata that names columns" { histories a b FULL; }
@test "MariaDB, no metadata" { histories m n NO_LOG; }
@test "MariaDB, metadata that names columns" { histories m n FULL; }

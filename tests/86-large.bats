#!/usr/bin/env bats
# Transactions far larger than memory: each tool stays under 64 MiB. MIB=n, the transaction's size;
# make soak takes 2 GiB.
# shellcheck disable=SC2030,SC2031

. "$BATS_TEST_DIRNAME/lib/helper.bash"
. "$BATS_TEST_DIRNAME/lib/server.bash"
. "$BATS_TEST_DIRNAME/lib/follow.bash"

export BATS_TEST_TIMEOUT=${BATS_TEST_TIMEOUT:-300}

servers "m:mysql --max-allowed-packet=1G" "t:mysql --max-allowed-packet=1G" r:mariadb

servers_ready() {
	export MIB=${MIB:-160}
}

test_begins() {
	case $MI_BIN in */san/*) skip "no memory bound under AddressSanitizer" ;; esac
}

# One transaction of $MIB MiB, in rows of 16 KiB of which 6 KiB are random: compressed, it is still
# larger than any tool may be.
enlarge() {
	local server
	for server in "$@"; do
		sql "$server" "DROP DATABASE IF EXISTS large; CREATE DATABASE large; CREATE TABLE large.t (id INT PRIMARY KEY, b LONGBLOB)"
	done
	since=$(position "$1")
	sql "$1" "CREATE TABLE large._mi_n (n INT PRIMARY KEY); INSERT INTO large._mi_n VALUES (0),(1),(2),(3),(4),(5),(6),(7)"
	sql "$1" "USE large; SET @i=0; INSERT INTO large.t
		SELECT @i:=@i+1, CONCAT(RANDOM_BYTES(1024), RANDOM_BYTES(1024), RANDOM_BYTES(1024), RANDOM_BYTES(1024),
		RANDOM_BYTES(1024), RANDOM_BYTES(1024), REPEAT('0123456789abcdef', 640))
		FROM large._mi_n a, large._mi_n b, large._mi_n c, large._mi_n d, large._mi_n e, large._mi_n f LIMIT $((MIB * 64))"
}

# large_from SOURCE TARGET [OPTION...]: with mi-binlog's OPTIONs.
large_from() {
	local tool peak
	enlarge "$1" "$2"
	set -o pipefail
	"$ROOT/tests/lib/peak.py" binlog.peak mi-binlog -q -s "$1" -d large --import=large --since="$since" --until=now "${@:3}" |
	    "$ROOT/tests/lib/peak.py" apply.peak mi-apply -q -s "$2" --state-db=large --start="$since"
	for tool in binlog apply; do
		peak=$(cat $tool.peak)
		echo "# mi-$tool, $MIB MiB in one transaction: $peak KiB" >&3
		[ "$peak" -lt 65536 ]
	done
	equal "$(sql "$2" "SELECT COUNT(*), SUM(LENGTH(b)), BIT_XOR(CRC32(b)) FROM large.t")" \
	    "$(sql "$1" "SELECT COUNT(*), SUM(LENGTH(b)), BIT_XOR(CRC32(b)) FROM large.t")"
	equal "$(sql "$2" "SELECT COUNT(*) FROM large.t")" $((MIB * 64))
}

@test "MySQL, not compressed" {
	large_from m t
}

@test "MySQL, compressed: one event" {
	sql m "SET GLOBAL binlog_transaction_compression=ON"
	large_from m t
	sql m "FLUSH BINARY LOGS"
	[ "$(sql m "SHOW BINARY LOGS" | awk '{ print $2 }' | sort -n | tail -1)" -gt $((MIB * 350000)) ]
}

@test "MySQL, compressed, without TLS" {
	MIB=20
	sql m "SET GLOBAL binlog_transaction_compression=ON"
	without_tls m
	large_from m t "${plain[@]}"
}

@test "MariaDB, compressed events" {
	sql r "SET GLOBAL log_bin_compress=ON"
	large_from r t
}

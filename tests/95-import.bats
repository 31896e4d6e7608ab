#!/usr/bin/env bats
# mi-import from init to its end, with applications on the router: switches under load, what stands in
# their way, and each phase's way out. More rounds: make soak.
# shellcheck disable=SC2030,SC2031,SC2154,SC2086,SC2016,SC2034

load lib/helper
load lib/server
load lib/import

export BATS_TEST_TIMEOUT=${BATS_TEST_TIMEOUT:-900}
SWITCHES=${SWITCHES:-4}

setup_file() {
	servers_up "a:mysql" "b:mysql"
}

teardown_file() {
	servers_down
}

setup() {
	need_servers
	dir=$BATS_TEST_TMPDIR
	cd "$dir"
}

teardown() {
	local pid d
	for pid in ${ledger_pid-} ${router_pid-} ${other_pid-}; do kill -CONT $pid && kill -9 $pid; done 2>/dev/null || true
	for d in forward reverse; do
		[ ! -e "$dir/im/$d/follow.conf" ] || "$ROOT/pipelines/follow" stop -t 5 "$dir/im/$d" 2>/dev/null 3>&- || true
	done
	[ -n "${BATS_TEST_COMPLETED-}" ] || tail -n 40 "$dir"/im/log "$dir"/route.log "$dir"/ledger.err "$dir"/im/*/follow.log 2>/dev/null || true
}

# The ledger's tables on the source, empty, and nothing on the target.
fresh() {
	local s
	for s in a b; do sql $s "DROP DATABASE IF EXISTS shop"; done
	sql a "CREATE DATABASE shop"
	{
		echo "USE shop;"
		/usr/bin/python3 "$ROOT/tests/lib/ledger.py" --schema
	} | sql a
}

up_to_replica() {
	import_files shop
	router_up
	run_ok import start "$dir/im"
	equal "$(cat im/phase)" replica
}

phase_is() {
	equal "$(cat "$dir/im/phase")" "$1"
	equal "$(sed -n 's/^mode //p' "$dir/im/mode")" "${2-$1}"
}

@test "switches back and forth under a ledger: nothing lost, doubled or stale, and short stalls" {
	local i to=primary
	fresh
	up_to_replica
	ledger_begin --rate 250
	for ((i = 1; i <= SWITCHES; i++)); do
		run_ok import switch $to im
		echo "# $(grep -o 'switched to.*' <<<"$stderr")" >&3
		phase_is $to
		[ $to = primary ] && to=replica || to=primary
	done
	ledger_end | sed 's/^/# /' >&3
	equal "$(ledger_value errors)" 0
	equal "$(ledger_value unknown)" 0
	equal "$(ledger_value stale_reads)" 0
	equal "$(ledger_value wrong_insert_ids)" 0
	[ "$(ledger_value longest_stall_ms)" -lt 1000 ] || fail "a stall of $(ledger_value longest_stall_ms) ms"
	sides_equal shop
	ledger_holds a
	ledger_holds b
}

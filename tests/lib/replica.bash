# A router in mode replica with its follower, for test files: source lib/helper.bash, lib/server.bash,
# lib/route.bash, lib/follow.bash, then this.
#
# route_up NAME ... --notify="$BATS_FILE_TMPDIR/NAME/notify" starts the router; position SOURCE >NAME/since, in
# $BATS_FILE_TMPDIR, says where the follower begins.

# follower_up NAME SOURCE TARGET DB: goes on where it was; NAME_apply and NAME_binlog are pids.
follower_up() {
	local name=$1 dir=$BATS_FILE_TMPDIR/$1
	rm -f "$dir/stream"
	mkfifo "$dir/stream"
	[ -s "$dir/cp" ] || cp "$dir/since" "$dir/cp.since"
	mi-binlog -q -s "$2" -d "$4" --import="$1" --since="@$([ -s "$dir/cp" ] && echo "$dir/cp" || echo "$dir/since")" \
		>"$dir/stream" 2>>"$dir/binlog.log" </dev/null 3>&- 4>&- &
	printf -v "${name}_binlog" %s $!
	mi-apply -q -s "$3" --state-db="$4" --start="@$dir/since" --checkpoint="$dir/cp" \
		--notify="$dir/notify" <"$dir/stream" 2>>"$dir/apply.log" 3>&- 4>&- &
	printf -v "${name}_apply" %s $!
	# shellcheck disable=SC2163
	export "${name}_binlog" "${name}_apply"
}

pair_down() {
	local pid
	for pid in "$1_binlog" "$1_apply"; do
		[ -z "${!pid-}" ] || kill -KILL "${!pid}" 2>/dev/null || true
	done
	pid=$1_pid
	[ -z "${!pid-}" ] || route_down "$1"
}

# status NAME KEY
status() {
	local control=$1_control
	mi-route --tell="${!control}" status | awk -v key="$2" '$1 == key { print $2 }'
}

believed() {
	[ "$(status "$1" lag_ms)" != unknown ] && [ "$(status "$1" high_water)" != unknown ]
}

caught_up() {
	believed "$1" && [ "$(status "$1" marks_pending)" = 0 ]
}

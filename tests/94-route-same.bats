#!/usr/bin/env bats
# mi-route cannot be told from the server: the steps of tests/data/same-steps, done directly and through a router in
# each mode, show a client the same. What is known to differ is in tests/data/same-known, which must be exact.

. "$BATS_TEST_DIRNAME/lib/helper.bash"
. "$BATS_TEST_DIRNAME/lib/server.bash"
. "$BATS_TEST_DIRNAME/lib/route.bash"
. "$BATS_TEST_DIRNAME/lib/follow.bash"
. "$BATS_TEST_DIRNAME/lib/replica.bash"

servers "a:mysql --log-bin-trust-function-creators=1" "b:mysql --log-bin-trust-function-creators=1" \
    "m:mariadb --log-bin-trust-function-creators=1" "n:mariadb --log-bin-trust-function-creators=1"

servers_ready() {
	servers_app a b m n
	export APP_PASSWORD=$app_password PYTHONPATH=$ROOT/tests/lib
}

teardown() {
	local name
	for name in a_source a_replica a_primary a_target m_source m_replica m_primary m_target; do pair_down $name; done
}

# seen FLAVOUR PLACE SERVER...: the steps at PLACE, with the database as at the beginning on each server. Prints them.
seen() {
	local s
	for s in "${@:3}"; do sql "$s" <"$ROOT/tests/data/same-schema.sql" || return; done
	[ -z "${follow-}" ] || $follow || return
	python3 "$ROOT/tests/lib/route_same.py" run "$1" "$2"
}

# In mode replica the follower begins when the database is there, and its reads wait for it as long as they must.
follow_on() {
	position "${name%_*}" >"$BATS_FILE_TMPDIR/$name/since"
	follower_up "$name" "${name%_*}" "$to" app
	wait_until 20 believed "$name"
}

# through MODE FLAVOUR SOURCE TARGET: a router in that mode, and what it shows.
through() {
	local name=$3_$1 sock=$3_$1_sock to=$4 follow='' dir=$BATS_FILE_TMPDIR/$3_$1
	mkdir -p "$dir"
	mi-route --make-mode-file="$1" --mode-file="$dir/mode"
	[ ! -f "$BATS_FILE_TMPDIR/$3_source/baseline" ] || cp "$BATS_FILE_TMPDIR/$3_source/baseline" "$dir"
	route_up "$name" -s "$3" -t "$4" --notify="$dir/notify" --causal-wait=60000
	[ "$1" != replica ] || follow=follow_on
	seen "$2" "${!sock}" "$3" "$4" >"$1" || fail "$(tail -5 "$dir/log")"
	pair_down "$name"
}

# same FLAVOUR SOURCE TARGET
same() {
	local mode failed=0
	seen "$1" "$(fact "$2" socket)" "$2" >direct
	seen "$1" "$(fact "$3" socket)" "$3" >other
	for mode in ${MODES:-source replica primary target}; do
		through "$mode" "$1" "$2" "$3"
		case $mode in
		source | replica) run python3 "$ROOT/tests/lib/route_same.py" compare "$1-$mode" direct "$mode" "$ROOT/tests/data/same-known" ;;
		*) run python3 "$ROOT/tests/lib/route_same.py" compare "$1-$mode" direct "$mode" "$ROOT/tests/data/same-known" other ;;
		esac
		[ "$status" -eq 0 ] || failed=1
		printf '%s\n' "$output" | cut -c 1-1200 >&2
		echo "# ${output##*$'\n'}" >&3
	done
	return $failed
}

@test "MySQL: 280 statements in sessions of five kinds, directly and in each mode" { same my a b; }
@test "MariaDB: the same" { same ma m n; }

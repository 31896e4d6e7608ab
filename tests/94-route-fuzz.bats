#!/usr/bin/env bats
# mi-route under logins, commands and switches at random: tests/lib/route_fuzz.py. Here a few of them, always the same;
# `make fuzz` runs each for FUZZ_SECONDS, and `make soak` for ten minutes, under the sanitizers.

. "$BATS_TEST_DIRNAME/lib/helper.bash"
. "$BATS_TEST_DIRNAME/lib/server.bash"
. "$BATS_TEST_DIRNAME/lib/route.bash"

export fz_port fz_sock fz_log fz_pid fz_control # by route_up

# Locks that are waited for soon give up, because a statement whose client has gone runs to its end at the server.
waits="--lock-wait-timeout=3 --innodb-lock-wait-timeout=2"
servers "a:mysql $waits" "b:mysql $waits"

servers_ready() {
	servers_app a b
	for server in a b; do
		sql $server "CREATE TABLE app.t (a INT AUTO_INCREMENT PRIMARY KEY, b INT);
			CREATE USER slow@'%' IDENTIFIED BY 'x'; GRANT SELECT ON app.* TO slow@'%'"
	done
	mkdir -p "$BATS_FILE_TMPDIR/fz"
	(
		umask 077
		printf '[app]\npassword="%s"\n[slow]\nverifier=%s\nsource-password=x\ntarget-password=x\n' \
		    "$app_password" "$(mi-route --hash-password <<<secret | head -1)" >"$BATS_FILE_TMPDIR/fz/users"
	)
	export APP_PASSWORD=$app_password PYTHONPATH=$ROOT/tests/lib
	route_up fz -s a -t b --login-timeout=2 --allow-ddl --tls-cert="$MI_SANDBOX/a/tls/server-cert.pem" \
	    --tls-key="$MI_SANDBOX/a/tls/server-key.pem"
}

teardown_file() {
	[ -n "${fz_pid-}" ] && route_down fz
	servers_down
}

descriptors() {
	find "/proc/$fz_pid/fd" -mindepth 1 | wc -l
}
few_are_left() {
	[ "$(descriptors)" -le "$1" ]
}

# A case of route_fuzz.py: the router is the same process afterwards, and holds no more descriptors than before.
fuzz() {
	local before
	before=$(descriptors)
	[ -n "${ROUTE_FUZZ_SECONDS-}" ] || export SEED=${SEED-1}
	PORT=$fz_port SOCK=$fz_sock CONTROL=$fz_control run_ok /usr/bin/python3 "$ROOT/tests/lib/route_fuzz.py" "$1"
	echo "# $1: $output" >&3
	kill -0 "$fz_pid"
	wait_until 60 few_are_left $((before + 2))
	! grep -aE 'Sanitizer|runtime error|: bug:' "$fz_log" >&2
}

@test "logins at random" { fuzz login; }
@test "commands at random" { fuzz commands; }
@test "switches under commands and logins at random" { fuzz switching; }

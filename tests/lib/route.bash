# Routers for test files: source lib/helper.bash, lib/server.bash, then this.
#
#   route_up NAME -s a -t m [OPTION...]   starts one (database app is imported); $NAME_port, $NAME_sock, $NAME_log, $NAME_pid,
#                                         $NAME_control (file names and numbers), exported
#   route_down NAME                       stops it politely and waits
#
# Its users file is $NAME_users: user app with password $app_password, which servers_app made on
# the servers, unless the file is there already.

app_password='pass €word'

# servers_app NAME...: makes user app and database app on each server.
servers_app() {
	local name
	for name; do
		sql "$name" "CREATE DATABASE IF NOT EXISTS app;
			CREATE USER IF NOT EXISTS app@'%' IDENTIFIED BY '$app_password';
			GRANT ALL ON app.* TO app@'%'"
	done
}

route_up() {
	local name=$1 dir port
	shift
	dir=$BATS_FILE_TMPDIR/$name
	port=$(free_port)
	mkdir -p "$dir"
	printf -v "${name}_port" %s "$port"
	printf -v "${name}_sock" %s "$dir/sock"
	printf -v "${name}_log" %s "$dir/log"
	printf -v "${name}_users" %s "$dir/users"
	printf -v "${name}_control" %s "$dir/control"
	[ -f "$dir/users" ] ||
	    (umask 077 && printf '[app]\npassword="%s"\n' "$app_password" >"$dir/users")
	[ -f "$dir/mode" ] || mi-route --make-mode-file=source --mode-file="$dir/mode" || return
	mi-route -v --users="$dir/users" --mode-file="$dir/mode" --control="$dir/control" \
	    --listen="127.0.0.1:$port" --listen="$dir/sock" --grace=2 "$@" \
	    </dev/null >>"$dir/log" 2>&1 3>&- 4>&- &
	printf -v "${name}_pid" %s $!
	# shellcheck disable=SC2163
	export "${name}_port" "${name}_sock" "${name}_log" "${name}_users" "${name}_control" "${name}_pid"
	wait_until 20 test -S "$dir/sock" || fail "$(cat "$dir/log")"
}

route_down() {
	local pid=$1_pid
	kill "${!pid}" 2>/dev/null || true
	wait_until 20 gone "${!pid}"
}

gone() {
	! kill -0 "$1" 2>/dev/null
}

# rss PID: prints the process's resident memory in KiB.
rss() {
	awk '/^VmRSS/ { print $2 }' "/proc/$1/status"
}

# Debian's own python has Debian's pymysql.
pymysql() {
	/usr/bin/python3 -c 'import pymysql' 2>/dev/null || skip "no pymysql here"
	PYTHONPATH=$ROOT/tests/lib /usr/bin/python3 "$@"
}

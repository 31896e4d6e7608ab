#!/usr/bin/env bats
# mi-route: logins of every kind, by real clients to the router and by the router to real servers.
# shellcheck disable=SC2030,SC2031

. "$BATS_TEST_DIRNAME/lib/helper.bash"
. "$BATS_TEST_DIRNAME/lib/server.bash"
. "$BATS_TEST_DIRNAME/lib/route.bash"

export r_port r_sock r_log # by route_up

long='a long password of more than thirty-two bytes, with € and "quotes"'

setup_file() {
	local plugins=()
	export ED25519
	if ED25519=$("$ROOT/scripts/fetch-mariadb-plugin" auth_ed25519 2>/dev/null); then
		plugins=(--plugin-maturity=unknown "--plugin-dir=$ED25519" --plugin-load-add=auth_ed25519.so)
	fi
	servers_up a:mysql "m:mariadb ${plugins[*]}"
	[ -z "${MI_SERVERS_SKIP-}" ] || return 0
	for server in a m; do
		sql $server "CREATE DATABASE app; CREATE USER app@'%' IDENTIFIED BY 'backend';
			CREATE USER none@'%' IDENTIFIED BY ''; CREATE USER \`long\`@'%' IDENTIFIED BY '$long'"
	done
	[ -z "$ED25519" ] || sql m "CREATE USER ed@'%' IDENTIFIED VIA ed25519 USING PASSWORD('$long')"
	MYSQL=$(fetch-mysql)/bin/mysql
	export MYSQL
}

test_begins() {
	dir=$BATS_FILE_TMPDIR/r
	mkdir -p "$dir"
	umask 077
}

teardown() {
	[ -z "${r_pid-}" ] || route_down r
	rm -rf "$dir"
}

up() { # SERVER: a router to it, with TLS; the users file is there
	route_up r -s "$1" --tls-cert="$MI_SANDBOX/a/tls/server-cert.pem" --tls-key="$MI_SANDBOX/a/tls/server-key.pem"
}

# The two stock clients, by TCP unless told otherwise: CLIENT USER PASSWORD [OPTION...]
oracle() {
	MYSQL_PWD=$2 "$MYSQL" --no-defaults -h127.0.0.1 -P"$r_port" -u"$1" -N -e 'SELECT CURRENT_USER()' "${@:3}"
}
maria() {
	MYSQL_PWD=$2 mariadb --no-defaults -h127.0.0.1 -P"$r_port" -u"$1" -N -e 'SELECT CURRENT_USER()' "${@:3}"
}

group() { # NAME LINE...: of the users file; its accounts are app
	printf '[%s]\nsource-user=app\nsource-password=backend\ntarget-password=-\n' "$1"
	printf '%s\n' "${@:2}"
}

@test "each verifier, as a server stored it or mi-route printed it, by both clients and all roads" {
	local form way
	sql a "CREATE USER kept@'%' IDENTIFIED BY 'open sesame'"
	mapfile -t forms < <(mi-route --hash-password <<<'open sesame')
	equal ${#forms[@]} 3
	forms+=("$(sql a "SELECT CONCAT('0x', HEX(authentication_string)) FROM mysql.user WHERE user='kept'")")
	forms+=("$(sql m "SELECT PASSWORD('open sesame')")")
	for form in "${!forms[@]}"; do
		group "u$form" "verifier=${forms[form]}"
	done >"$dir/users"
	group clear 'password=open sesame' >>"$dir/users"
	up a
	for form in "${!forms[@]}"; do
		for way in --ssl-mode=REQUIRED --socket="$r_sock" "--ssl-mode=DISABLED --get-server-public-key"; do
			# a native verifier is not for this client, which lacks the plugin, unless it may show the password
			[[ ${forms[form]} != \** || $way != *DISABLED* ]] || continue
			# shellcheck disable=SC2086 # two options
			run_ok oracle "u$form" 'open sesame' $way
			equal "$output" 'app@%'
			# shellcheck disable=SC2086
			run_exit 1 oracle "u$form" 'open sesam' $way
			contains "$stderr" "ERROR 1045"
		done
		for way in --ssl --skip-ssl "--protocol=socket --socket=$r_sock"; do
			# shellcheck disable=SC2086
			run_ok maria "u$form" 'open sesame' $way
			# shellcheck disable=SC2086
			run_exit 1 maria "u$form" 'open sesam' $way
			contains "$stderr" "ERROR 1045"
		done
	done
	for client in oracle maria; do
		run_ok $client clear 'open sesame'
		run_exit 1 $client clear ''
		run_exit 1 $client nobody 'open sesame'
		contains "$stderr" "ERROR 1045"
	done
}

@test "the first login by a slow hash shows the password; not in clear, and once" {
	local slow
	slow=$(mi-route --hash-password <<<secret | head -1)
	group slow "verifier=$slow" >"$dir/users"
	up a
	run_exit 1 oracle slow secret --ssl-mode=DISABLED
	contains "$stderr" "requires secure connection"
	run_ok oracle slow secret --ssl-mode=DISABLED --get-server-public-key
	run_ok oracle slow secret --ssl-mode=DISABLED
	kill -HUP "$r_pid"
	wait_until 5 grep -q "users in" "$r_log"
	run_exit 1 oracle slow secret --ssl-mode=DISABLED
	equal "$(stat -c %a "$dir/rsa-key.pem")" 600
}

@test "COM_CHANGE_USER, to each kind and with a wrong password" {
	group one 'password=1' >"$dir/users"
	group two "verifier=$(mi-route --hash-password <<<2 | tail -1)" >>"$dir/users"
	group three "verifier=$(mi-route --hash-password <<<3 | head -1)" >>"$dir/users"
	up a
	for option in --ssl-mode=REQUIRED "--ssl-mode=DISABLED --get-server-public-key"; do
		for to in "one 1" "three 3"; do
			# shellcheck disable=SC2086
			MYSQL_PWD=1 run_ok "$MYSQL" --no-defaults -h127.0.0.1 -P"$r_port" -uone $option -N -e "SELECT 1"
			# shellcheck disable=SC2086
			change_user one 1 $to
		done
	done
	change_user one 1 two 2
	run change_user one 1 three wrong
	equal "$status" 1
	contains "$output" 1045
}

# By Connector/C, which the tools are linked with.
change_user() { # USER PASSWORD OTHER PASSWORD
	"$BATS_FILE_TMPDIR/change_user" "$r_port" "$@" 2>/dev/null || {
		cat >"$BATS_FILE_TMPDIR/change_user.c" <<-'C'
			#include <mysql.h>
			#include <stdio.h>
			#include <stdlib.h>
			int main(int argc, char **argv)
			{
				MYSQL *mysql = mysql_init(NULL);
				if (argc != 6 || !mysql_real_connect(mysql, "127.0.0.1", argv[2], argv[3], NULL,
				                                     (unsigned)atoi(argv[1]), NULL, 0) ||
				    mysql_change_user(mysql, argv[4], argv[5], NULL) || mysql_query(mysql, "DO 1")) {
					printf("%u %s\n", mysql_errno(mysql), mysql_error(mysql));
					return 1;
				}
				return 0;
			}
		C
		# shellcheck disable=SC2046
		gcc -o "$BATS_FILE_TMPDIR/change_user" "$BATS_FILE_TMPDIR/change_user.c" \
		    $(pkg-config --cflags --libs mysqlclient) &&
		    "$BATS_FILE_TMPDIR/change_user" "$r_port" "$@"
	}
}

# The router's own logins at the servers.
back_end() { # SERVER ACCOUNT PASSWORD [LINE OF THE SERVER'S GROUP]...
	local server=$1
	printf '[u]\npassword=x\nsource-user=%s\nsource-password="%s"\n' "$2" "${3//\"/\\\"}" >"$dir/users"
	{
		sed -n "/^\[client_$server\]/,/^$/p" "$MI_CONFIG" | sed '/^ssl/d'
		printf '%s\n' "${@:4}"
	} >"$dir/my.cnf"
	route_up r -c "$dir/my.cnf" -s "$server"
	run_ok maria u x
	equal "$output" "$2@%"
	route_down r
	r_pid=''
	rm -rf "${dir:?}"/*
}

@test "back end: caching_sha2_password with a cold cache, by TLS, RSA and socket, then warm" {
	local way plain
	plain=ssl-mode=DISABLED$'\n'server-public-key-path=$(fact a datadir)/public_key.pem
	for way in ssl-mode=REQUIRED "$plain" "socket=$(fact a socket)"; do
		sql a "FLUSH PRIVILEGES" # forgets the fast hashes
		back_end a long "$long" "$way"
		back_end a long "$long" "$way"
	done
	back_end a none '' ssl-mode=DISABLED
	back_end a long "$long" ssl-mode=DISABLED # the server has it cached
}

@test "back end: the account's password is not shown to whoever answers over TCP without TLS" {
	sql a "FLUSH PRIVILEGES"
	sql a "CREATE USER warm@'%' IDENTIFIED BY 'w'"
	printf '%s\n' '[client_a]' host=127.0.0.1 "port=$(fact a port)" user=warm password=w ssl-mode=DISABLED \
	    >"$dir/my.cnf"
	# the router's own questions at its start need no password that is shown
	MYSQL_PWD=w "$MYSQL" --no-defaults -h127.0.0.1 -P"$(fact a port)" -uwarm --ssl-mode=REQUIRED -e "SELECT 1"
	printf '[u]\npassword=x\nsource-user=long\nsource-password="%s"\n' "${long//\"/\\\"}" >"$dir/users"
	route_up r -c "$dir/my.cnf" -s a
	run_exit 1 maria u x
	contains "$stderr" "ERROR 3159"
	contains "$stderr" "server-public-key-path"
	contains "$(<"$r_log")" "it was not sent"
	sql a "DROP USER warm@'%'"
}

@test "back end: a rogue gets no password from the router, in whatever way it asks" {
	local rogue=$dir/rogue way port
	mkdir "$rogue"
	openssl genrsa 2048 2>/dev/null | openssl rsa -pubout -out "$rogue/public.pem" 2>/dev/null
	ROGUE_KEY=$rogue/public.pem PYTHONPATH=$ROOT/tests/lib background python3 "$ROOT/tests/lib/rogue.py" "$rogue"
	local rogue_pid=$bg_pid
	wait_until 10 test -s "$rogue/ports"
	printf '[u]\npassword=x\nsource-user=app\nsource-password=Geheim1\n' >"$dir/users"
	route_up r -s a
	route_down r # leaves the baseline, for starts without the source
	while read -r way port; do
		printf '%s\n' "[client_$way]" host=127.0.0.1 "port=$port" user=mi password=Geheim1 >"$dir/my.cnf"
		rm -f "$dir/sock"
		route_up r -c "$dir/my.cnf" -s "$way"
		run_exit 1 maria u x
		route_down r
		equal "$(cat "$rogue/$way")" '' "what $way got"
	done <"$rogue/ports"
	r_pid=''
	kill "$rogue_pid"
}

@test "back end: mysql_native_password" {
	back_end m long "$long" ssl-mode=DISABLED
	back_end m none '' ssl-mode=DISABLED
	back_end m long "$long" "socket=$(fact m socket)"
}

@test "back end: ed25519" {
	[ -n "$ED25519" ] || skip "the server's plugin is not to be had here"
	back_end m ed "$long" ssl-mode=DISABLED
	back_end m ed "$long" ssl-mode=REQUIRED
	printf '[u]\npassword=x\nsource-user=ed\nsource-password=wrong\n' >"$dir/users"
	route_up r -s m
	run_exit 1 maria u x
	contains "$stderr" "ERROR 1045"
}

@test "back end: a method that would show the password is refused and named" {
	sql m "CREATE USER odd@'%' IDENTIFIED VIA unix_socket" || true
	printf '[u]\npassword=x\nsource-user=odd\nsource-password=secret\n' >"$dir/users"
	route_up r -s m
	run_exit 1 maria u x
	contains "$(<"$r_log")" "the source refuses 'odd'"
}

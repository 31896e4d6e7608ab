#!/usr/bin/env bats
# Connections to real servers, and mi-check's report about them.

. "$BATS_TEST_DIRNAME/lib/helper.bash"
. "$BATS_TEST_DIRNAME/lib/server.bash"

servers a:mysql m:mariadb "bounded:mariadb --maximum-net-write-timeout=100"

test_begins() {
	a_port=$(fact a port) a_socket=$(fact a socket) a_tls=$(fact a tls)
	m_port=$(fact m port) m_tls=$(fact m tls)
}

# option_file FILE LINE...: one with group [client_x] for server a, and these lines after its own.
option_file() {
	local file=$1
	shift
	(umask 077 && printf '%s\n' '[client_x]' host=127.0.0.1 "port=$a_port" user=mi \
	    "password=$(password a)" "$@" >"$file")
}

password() {
	sed -n "/^\[client_$1\]/,/^$/s/^password=//p" "$MI_CONFIG"
}

level() { # SIDE ID: what the last report says about it
	awk -F'\t' -v side="$1" -v id="$2" '$1 == side && $2 == id { print $3 }' <<<"$output"
}

# --- what is refused before any connection

@test "a password on the command line is refused with the reason" {
	run_exit 64 mi-check -s a --password=hunter2
	contains "$stderr" "everybody on the machine can read a command line"
	lacks "$stderr" hunter2
	run_exit 64 mi-check -s a --password
}

@test "a file that everybody can read and that has a password in it is refused" {
	option_file my.cnf
	run_ok mi-check -c my.cnf -s x
	chmod 604 my.cnf
	run_exit 78 mi-check -c my.cnf -s x
	contains "$stderr" "a password in a file that everybody may read"
	contains "$stderr" "chmod 600"
	lacks "$stderr$output" "$(password a)"
}

@test "a file that everybody can read and that has no password in it will do" {
	printf '%s\n' '[client_x]' host=localhost "socket=$a_socket" user=root >my.cnf
	chmod 644 my.cnf
	run_ok mi-check -c my.cnf -s x
}

@test "a file or a group that is not there is a wrong setting" {
	run_exit 78 mi-check -c absent.cnf -s x
	contains "$stderr" absent.cnf
	run_exit 78 mi-check -s nobody
	contains "$stderr" "[client_nobody]"
	HOME=$PWD run_exit 78 env -u MI_CONFIG mi-check -s x
	contains "$stderr" "no option file"
}

@test "a mode or a port that is none is a wrong setting" {
	run_exit 78 mi-check -s a --ssl-mode=SOMETIMES
	run_exit 78 mi-check -s a --port=70000
	run_exit 78 mi-check -s a --port=33o6
}

# --- connecting

@test "no server there: 69, with what to look at" {
	run_exit 69 mi-check -s a --port=1 --ssl-mode=DISABLED
	contains "$stderr" "127.0.0.1:1"
	contains "$stderr" "hint: is the server running"
	run_exit 69 mi-check -s a --port=1 --ssl-mode=REQUIRED
	run_exit 69 mi-check -s a_root --socket="$PWD/none.sock"
	contains "$stderr" "the socket's path"
	run_exit 69 mi-check -s a --host=no-such-host.invalid --ssl-mode=DISABLED
	contains "$stderr" "no-such-host.invalid"
	run_exit 69 mi-check -s a --host=no-such-host.invalid --ssl-mode=REQUIRED
}

@test "a wrong password: 77, without showing it" {
	for server in a m; do
		sed "/^\[client_$server\]/,/^$/s/^password=.*/password=wr0ng-pass/" "$MI_CONFIG" >bad.cnf
		chmod 600 bad.cnf
		run_exit 77 mi-check -c bad.cnf -s $server
		contains "$stderr" 1045
		contains "$stderr" "mysql --host=127.0.0.1 --port="
		lacks "$stderr$output" wr0ng-pass
	done
}

@test "a database that is not there: 78, by name" {
	run_exit 78 mi-check -s a --database=nowhere
	contains "$stderr" "'nowhere' does not exist"
	run_exit 78 mi-check -s m --database=nowhere
	contains "$stderr" "'nowhere' does not exist"
}

@test "too many connections: 69" {
	sql m "CREATE OR REPLACE USER one@'%' IDENTIFIED BY 'p' WITH MAX_USER_CONNECTIONS 1"
	printf '%s\n' '[client_one]' host=127.0.0.1 "port=$m_port" user=one password=p >one.cnf
	chmod 600 one.cnf
	mkfifo hold
	mariadb --defaults-file=one.cnf --defaults-group-suffix=_one --skip-ssl --unbuffered \
	    -e "SELECT 'in'; SELECT SLEEP(60)" >hold 3>&- 4>&- &
	local pid=$!
	read -r _ <hold
	run_exit 69 mi-check -c one.cnf -s one
	kill $pid
	wait $pid || true
	contains "$stderr" max_user_connections
}

@test "localhost is the socket; a host on the command line wins over the file's socket" {
	run_ok mi-check -s a_root
	contains "$output" "$a_socket"
	run_ok mi-check -s a --socket="$a_socket"
	contains "$output" "$a_socket"
	printf '[client_x]\nsocket=%s\nuser=mi\npassword="%s" # note\n' "$a_socket" \
	    "$(password a)" >my.cnf
	chmod 600 my.cnf
	run_ok mi-check -c my.cnf -s x --host=127.0.0.1 --port="$a_port"
	contains "$output" "127.0.0.1:$a_port"
}

@test "[client] is read first, [client_NAME] over it, and loose- and underscores do not matter" {
	printf '%s\n' '[client_x]' "PORT=$a_port" '[client]' port=1 user=mi "password=$(password a)" \
	    host=127.0.0.1 loose-ssl_mode=REQUIRED unknown-thing=1 >my.cnf
	chmod 600 my.cnf
	run_ok mi-check -c my.cnf -s x --tsv
	contains "$output" "127.0.0.1:$a_port"
	contains "$output" "encrypted"
}

# --- TLS: what a server that lies gets is in unit/t_server_tls

@test "TLS: the modes, on both flavours" {
	for server in a m; do
		run_ok mi-check -s $server --ssl-mode=DISABLED
		contains "$output" "not encrypted"
		run_ok mi-check -s $server --ssl-mode=REQUIRED
		contains "$output" "certificate not verified"
		run_ok mi-check -s $server # ssl-ca alone means VERIFY_CA
		contains "$output" "certificate verified"
		run_ok mi-check -s $server --ssl-mode=VERIFY_IDENTITY
		contains "$output" "certificate and name verified"
		run_ok mi-check -s $server --ssl-mode=VERIFY_IDENTITY --ssl-server-name=localhost
		run_exit 78 mi-check -s $server --ssl-mode=VERIFY_IDENTITY --ssl-server-name=db.example
		contains "$stderr" db.example
	done
	run_exit 78 mi-check -s a --ssl-ca="$m_tls/ca.pem"
	run_exit 78 mi-check -s m --ssl-ca="$a_tls/ca.pem" --ssl-mode=VERIFY_IDENTITY
}

@test "TLS: files that are none are wrong settings" {
	run_exit 78 mi-check -s a --ssl-ca=absent.pem
	contains "$stderr" "absent.pem"
	echo nonsense >bad.pem
	run_exit 78 mi-check -s a --ssl-ca=bad.pem
	run_exit 78 mi-check -s a --ssl-cert=bad.pem --ssl-key=bad.pem
}

@test "TLS: an account that needs a certificate gets in with it alone" {
	sql a "CREATE USER IF NOT EXISTS cert@'%' IDENTIFIED BY 'p' REQUIRE X509"
	printf '%s\n' '[client_cert]' host=127.0.0.1 "port=$a_port" user=cert password=p \
	    ssl-mode=VERIFY_CA "ssl-ca=$a_tls/ca.pem" >cert.cnf
	chmod 600 cert.cnf
	run_exit 77 mi-check -c cert.cnf -s cert
	printf '%s\n' "ssl-cert=$a_tls/client-cert.pem" "ssl-key=$a_tls/client-key.pem" >>cert.cnf
	run mi-check -c cert.cnf -s cert
	contains "$output" "as cert@%"
}

@test "TLS: a server that takes nothing else says so, and caching_sha2 works without it" {
	local key
	key=$(fact a datadir)/public_key.pem
	sql a "FLUSH PRIVILEGES" # empties the server's cache: a full login
	run_exit 78 mi-check -s a --ssl-mode=DISABLED
	contains "$output$stderr" "server-public-key-path"
	run_ok mi-check -s a --ssl-mode=DISABLED --server-public-key-path="$key"
	run_ok mi-check -s a --ssl-mode=DISABLED # by the scramble alone
	sql a "SET GLOBAL require_secure_transport = ON"
	run mi-check -s a --ssl-mode=DISABLED
	sql a "SET GLOBAL require_secure_transport = OFF"
	equal "$status" 78
	contains "$output" "TLS connections only"
}

# --- the session

@test "sessions are what they should be, whatever the server's defaults" {
	for server in a m; do
		sql $server "SET GLOBAL sql_mode = 'ANSI_QUOTES,PIPES_AS_CONCAT',
		    GLOBAL time_zone = '+05:00', GLOBAL sql_safe_updates = ON,
		    GLOBAL unique_checks = OFF, GLOBAL autocommit = OFF, GLOBAL wait_timeout = 5,
		    GLOBAL sql_select_limit = 3, GLOBAL net_write_timeout = 5"
		run mi-check -s $server
		sql $server "SET GLOBAL sql_mode = DEFAULT, GLOBAL time_zone = DEFAULT,
		    GLOBAL sql_safe_updates = OFF, GLOBAL unique_checks = ON, GLOBAL autocommit = ON,
		    GLOBAL wait_timeout = DEFAULT, GLOBAL sql_select_limit = DEFAULT,
		    GLOBAL net_write_timeout = DEFAULT"
		equal "$status" 0 "$output"
	done
}

@test "a setting that the account may not set, and is wrong: 78, by name" {
	sql a "CREATE USER IF NOT EXISTS small@'%' IDENTIFIED BY 'p'"
	printf '%s\n' '[client_small]' host=127.0.0.1 "port=$a_port" user=small password=p \
	    ssl-mode=REQUIRED >small.cnf
	chmod 600 small.cnf
	sql a "SET GLOBAL sql_generate_invisible_primary_key = ON"
	run mi-check -c small.cnf -s small # a source makes no tables: blocked, but not by a session
	local source_status=$status
	run mi-check -c small.cnf -s small -t small
	sql a "SET GLOBAL sql_generate_invisible_primary_key = OFF"
	equal "$source_status" 1
	equal "$status" 78
	contains "$output" "SET SESSION sql_generate_invisible_primary_key = 0"
}

@test "a setting that the server bounds: 78, by name, with what was wanted and what it is" {
	run_exit 78 mi-check -s bounded
	contains "$stderr" net_write_timeout
	contains "$stderr" "'604800'"
	contains "$stderr" "'100'"
}

# --- mi-check

@test "mi-check: green, and it says what it saw" {
	run_ok mi-check -s a -t m --tsv
	equal "$(level source connect)" ok
	equal "$(level target connect)" ok
	equal "$(level pair same-server)" ok
	equal "$(level source gtid-mode)" ok
	lacks "$output" $'\033'
	run_ok mi-check -s m -t a --json
	python3 -c 'import json, sys; r = json.load(sys.stdin); assert r["blockers"] == 0, r' \
	    <<<"$output"
	run_ok mi-check -s a -t m
	contains "$output" "✓ log-bin"
	contains "$output" "go: 0 blockers"
}

@test "mi-check: the same server on both sides" {
	run_exit 1 mi-check -s a -t a_root --tsv
	equal "$(level pair same-server)" blocker
	run_exit 1 mi-check -s m -t m_root --tsv
	equal "$(level pair same-server)" blocker
}

@test "mi-check: settings of a MySQL source that a copy cannot survive" {
	sql a "SET GLOBAL binlog_format = 'STATEMENT', GLOBAL binlog_row_image = 'MINIMAL',
	    GLOBAL binlog_expire_logs_seconds = 3600, GLOBAL gtid_mode = ON_PERMISSIVE"
	run --separate-stderr mi-check -s a --tsv
	local code=$status ignored
	ignored=$(mi-check -s a --tsv --ignore=retention) || true
	sql a "SET GLOBAL gtid_mode = ON, GLOBAL binlog_format = 'ROW',
	    GLOBAL binlog_row_image = 'FULL', GLOBAL binlog_expire_logs_seconds = 2592000"
	equal $code 1
	equal "$(level source binlog-format)" blocker
	equal "$(level source row-image)" blocker
	equal "$(level source retention)" blocker
	equal "$(level source gtid-mode)" blocker
	contains "$output" "SET GLOBAL binlog_expire_logs_seconds = 604800"
	output=$ignored
	equal "$(level source retention)" ignored
	equal "$(level source binlog-format)" blocker
}

@test "mi-check: settings of a MariaDB source that a copy cannot survive" {
	sql m "SET GLOBAL binlog_format = 'MIXED', GLOBAL binlog_row_image = 'NOBLOB',
	    GLOBAL binlog_expire_logs_seconds = 172800, GLOBAL gtid_strict_mode = OFF"
	run --separate-stderr mi-check -s m --tsv
	local code=$status
	sql m "SET GLOBAL binlog_format = 'ROW', GLOBAL binlog_row_image = 'FULL',
	    GLOBAL binlog_expire_logs_seconds = 0, GLOBAL gtid_strict_mode = ON"
	equal $code 1
	equal "$(level source binlog-format)" blocker
	equal "$(level source row-image)" blocker
	equal "$(level source retention)" blocker # exactly two days is not more than two
	equal "$(level source gtid-strict)" warning
}

@test "mi-check: a target that cannot be written to, or loads slowly" {
	sql a "SET GLOBAL super_read_only = ON, GLOBAL local_infile = OFF"
	run --separate-stderr mi-check -s m -t a --tsv
	local code=$status
	sql a "SET GLOBAL super_read_only = OFF, GLOBAL read_only = OFF, GLOBAL local_infile = ON"
	equal $code 1
	equal "$(level target writable)" blocker
	equal "$(level target local-infile)" warning
}

@test "mi-check: one side missing does not hide the other" {
	run --separate-stderr mi-check -s a -t nobody --tsv
	equal "$status" 78
	equal "$(level source log-bin)" ok
	equal "$(level target connect)" blocker
	run_exit 69 mi-check -s a --port=1 -t m --tsv --ssl-mode=DISABLED --ignore=connect
	equal "$(level target writable)" ok
	equal "$(level source connect)" blocker
}

@test "mi-check: usage" {
	run_exit 64 mi-check -s a operand
	run_exit 64 mi-check -s a --tsv --json
	run_exit 64 mi-check -s a --ignore=nonsense
	run_exit 64 mi-check --nonsense
	run_exit 74 bash -c "mi-check --list >/dev/full"
}

@test "mi-check: every check and every option is in the manual" {
	local page=$ROOT/man/mi-check.1
	while IFS=$'\t' read -r id _; do
		grep -qx "\.It Cm $id" "$page" || fail "no check $id"
	done < <(mi-check --list)
	while read -r option; do
		grep -q "Fl $option\b" "$page" || fail "no option --$option"
	done < <(mi-check --help | sed -n '/^Each option/q;s/^.*--\([a-z-]*\).*/\1/p')
}

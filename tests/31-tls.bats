#!/usr/bin/env bats
# TLS against real servers: every ssl-mode, with good and bad certificates on either side, and what
# mi(7) promises of it. (What liars get is in unit/t_server_tls.)
# shellcheck disable=SC2030,SC2031

. "$BATS_TEST_DIRNAME/lib/helper.bash"
. "$BATS_TEST_DIRNAME/lib/server.bash"

servers a:mysql m:mariadb

servers_ready() {
	for server in a m; do
		sql $server "CREATE DATABASE d; CREATE USER cert@'%' IDENTIFIED BY 'cert-secret' REQUIRE X509;
			GRANT ALL ON *.* TO cert@'%'"
		make_certificates "$(fact $server tls)" "$BATS_FILE_TMPDIR/$server"
	done
}

# NAMES DAYS SIGNER...: certificate and key by the name of the case.
certificate() { # DIR CASE NAMES BEGIN END [SIGNER-OPTION...]
	local dir=$1 case=$2 names=$3 begin=$4 end=$5
	shift 5
	openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$case" \
	    -keyout "$dir/$case-key.pem" -out "$dir/$case.csr"
	printf '[e]\nbasicConstraints = critical,CA:FALSE\nsubjectAltName = %s\n' "$names" >"$dir/$case.ext"
	[ $# -gt 0 ] || set -- -selfsign -keyfile "$dir/$case-key.pem"
	printf '%s\n' '[ca]' 'default_ca = c' '[c]' "database = $dir/index" "new_certs_dir = $dir" \
	    'default_md = sha256' 'policy = p' 'rand_serial = yes' 'unique_subject = no' '[p]' \
	    'commonName = supplied' >"$dir/ca.cnf"
	: >"$dir/index"
	openssl ca -batch -notext -config "$dir/ca.cnf" -in "$dir/$case.csr" -out "$dir/$case.pem" \
	    -startdate "$begin" -enddate "$end" -extfile "$dir/$case.ext" -extensions e "$@"
}

make_certificates() { # TLS DIR: the sandbox's authority, and the folder for what it signs
	local here=DNS:localhost,IP:127.0.0.1 ca=(-cert "$1/ca.pem" -keyfile "$1/ca-key.pem")
	local now=20200101000000Z then=20400101000000Z
	mkdir "$2"
	{
		certificate "$2" good $here $now $then "${ca[@]}"
		certificate "$2" self-signed $here $now $then
		certificate "$2" wrong-name DNS:other.example $now $then "${ca[@]}"
	} >"$2/log" 2>&1 || {
		cat "$2/log" >&2
		return 1
	}
}

# The server shows another certificate from now on.
serve() { # SERVER CASE
	local tls dir=$BATS_FILE_TMPDIR/$1
	tls=$(fact "$1" tls)
	cp "$dir/$2.pem" "$tls/server-cert.pem"
	cp "$dir/$2-key.pem" "$tls/server-key.pem"
	if [ "$1" = a ]; then sql a "ALTER INSTANCE RELOAD TLS"; else sql m "FLUSH SSL"; fi
}

# try SERVER USER MODE OPTION...: the exit status is 0 when it got in, else the tool's.
try() {
	local server=$1 user=$2 mode=$3 password=cert-secret
	shift 3
	[ "$user" = cert ] || password=$(sed -n "/^\[client_$server\]/,/^$/s/^password=//p" "$MI_CONFIG")
	printf '%s\n' '[client_x]' host=127.0.0.1 "port=$(fact "$server" port)" "user=$user" \
	    "password=$password" "ssl-mode=$mode" "ssl-ca=$(fact "$server" tls)/ca.pem" "$@" >x.cnf
	[ "$server" = m ] || echo "server-public-key-path=$(fact a datadir)/public_key.pem" >>x.cnf
	chmod 600 x.cnf
	run --separate-stderr mi-schema -c x.cnf -s x -d d --sql
	lacks "$output$stderr" "$password"
}

# expect SERVER USER "STATUS..." OPTION...: for the five modes, from DISABLED to VERIFY_IDENTITY.
expect() {
	local server=$1 user=$2 wanted mode
	read -ra wanted <<<"$3"
	shift 3
	for mode in DISABLED PREFERRED REQUIRED VERIFY_CA VERIFY_IDENTITY; do
		try "$server" "$user" $mode "$@"
		equal "$status" "${wanted[0]}" "$server $mode: $stderr"
		wanted=("${wanted[@]:1}")
	done
}

@test "a good certificate: every mode gets in" {
	for server in a m; do
		serve $server good
		expect $server mi "0 0 0 0 0"
	done
}

@test "without ssl-ca the system's authorities count, by file and by folder, from VERIFY_CA on" {
	local ca
	mkdir none hashed
	for server in a m; do
		serve $server good
		ca=$(fact $server tls)/ca.pem
		expect $server mi "0 0 0 78 78" ssl-ca=
		SSL_CERT_FILE=$ca SSL_CERT_DIR=$PWD/none expect $server mi "0 0 0 0 0" ssl-ca=
		cp "$ca" "hashed/$(openssl x509 -in "$ca" -noout -hash).0"
		SSL_CERT_FILE=$PWD/absent.pem SSL_CERT_DIR=$PWD/hashed expect $server mi "0 0 0 0 0" ssl-ca=
		SSL_CERT_FILE=$PWD/absent.pem SSL_CERT_DIR=$PWD/none expect $server mi "0 0 0 78 78" ssl-ca=
	done
}

@test "a self-signed certificate: not from VERIFY_CA on" {
	for server in a m; do
		serve $server self-signed
		expect $server mi "0 0 0 78 78"
		contains "$stderr" "ssl-ca"
	done
}

@test "a certificate for another name: not with VERIFY_IDENTITY, unless that name is meant" {
	for server in a m; do
		serve $server wrong-name
		expect $server mi "0 0 0 0 78"
		contains "$stderr" "other.example"
		expect $server mi "0 0 0 0 0" ssl-server-name=other.example
	done
}

# MySQL loads no certificate that has expired: these expire while they are served.
serve_expiring() { # SERVER
	local tls dir=$BATS_FILE_TMPDIR/$1
	tls=$(fact "$1" tls)
	certificate "$dir" expired DNS:localhost,IP:127.0.0.1 20200101000000Z \
	    "$(date -u -d '4 seconds' +%Y%m%d%H%M%SZ)" -cert "$tls/ca.pem" -keyfile "$tls/ca-key.pem" \
	    >"$dir/log" 2>&1
	serve "$1" expired
}

has_expired() {
	! openssl x509 -in "$BATS_FILE_TMPDIR/$1/expired.pem" -checkend 0
}

@test "an expired certificate: not from VERIFY_CA on" {
	for server in a m; do serve_expiring $server; done
	for server in a m; do
		wait_until 20 has_expired $server
		expect $server mi "0 0 0 78 78"
		contains "$stderr" "expired"
	done
}

@test "an account that requires a client's certificate: in with it, over TLS, and never without" {
	for server in a m; do
		serve $server good
		expect $server cert "77 77 77 77 77"
		contains "$stderr" "a certificate"
		expect $server cert "77 0 0 0 0" "ssl-cert=$(fact $server tls)/client-cert.pem" \
		    "ssl-key=$(fact $server tls)/client-key.pem"
	done
}

# --- without TLS

# A server that is after passwords; $rogue_FILE has what it got.
rogue_up() {
	rogue=$BATS_FILE_TMPDIR/rogue
	mkdir -p "$rogue"
	openssl genrsa -out "$rogue/key.pem" 2048 2>/dev/null
	openssl rsa -in "$rogue/key.pem" -pubout -out "$rogue/public.pem" 2>/dev/null
	ROGUE_KEY=$rogue/public.pem PYTHONPATH=$ROOT/tests/lib background python3 "$ROOT/tests/lib/rogue.py" "$rogue"
	wait_until 10 test -s "$rogue/ports"
}

@test "a server that is after passwords gets none over TCP without TLS, in whatever way it asks" {
	local way port mode tool
	rogue_up
	while read -r way port; do
		printf '%s\n' "[client_$way]" host=127.0.0.1 "port=$port" user=mi password=Geheim1 database=d
	done <"$rogue/ports" >rogue.cnf
	chmod 600 rogue.cnf
	export MI_CONFIG=$PWD/rogue.cnf
	while read -r way port; do
		for mode in DISABLED PREFERRED; do
			run_exit 78 mi-schema -s "$way" --ssl-mode=$mode -d d
			case $stderr in
			*"it was not sent"*) contains "$stderr" server-public-key-path ;;
			*) contains "$stderr" "plugin" ;; # the library does not have it
			esac
		done
		equal "$(cat "$rogue/$way")" '' "what $way got"
	done <"$rogue/ports"
	for tool in "mi-check -s full" "mi-dump -s full -d d" "mi-load -s full" "mi-binlog -s full -d d --since=" \
	    "mi-fence -s full -d d"; do
		# shellcheck disable=SC2086
		run $tool </dev/null
		[ "$status" -ne 0 ] || fail "$tool"
	done
	equal "$(cat "$rogue/full")" ''
	kill "$bg_pid"
}

@test "without TLS the server's key lets the password pass, and no other key does" {
	local key
	key=$(fact a datadir)/public_key.pem
	sql a "CREATE USER plain@'%' IDENTIFIED BY 'Geheim2'; GRANT ALL ON d.* TO plain@'%';
		CREATE USER plain256@'%' IDENTIFIED WITH sha256_password BY 'Geheim2'; GRANT ALL ON d.* TO plain256@'%'"
	for user in plain plain256; do
		printf '%s\n' "[client_$user]" host=127.0.0.1 "port=$(fact a port)" user=$user password=Geheim2 database=d
	done >plain.cnf
	chmod 600 plain.cnf
	openssl genrsa 2048 2>/dev/null | openssl rsa -pubout -out other.pem 2>/dev/null
	export MI_CONFIG=$PWD/plain.cnf
	for user in plain plain256; do
		run_exit 78 mi-schema -s $user --ssl-mode=DISABLED -d d
		contains "$stderr" "it was not sent"
		run_exit 77 mi-schema -s $user --ssl-mode=DISABLED -d d --server-public-key-path=other.pem
		run_exit 78 mi-schema -s $user --ssl-mode=DISABLED -d d --server-public-key-path=none.pem
		run_exit 78 mi-schema -s $user --ssl-mode=DISABLED -d d --server-public-key-path=plain.cnf
		contains "$stderr" "no public RSA key"
		run_ok mi-schema -s $user --ssl-mode=DISABLED -d d --server-public-key-path="$key"
	done
	# the scramble is enough while the server has it cached
	run_ok mi-schema -s plain --ssl-mode=DISABLED -d d
	run_ok mi-schema -s plain256 --ssl-mode=REQUIRED -d d
}

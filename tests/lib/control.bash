# A router between two servers, for tests of its control socket: source lib/helper.bash,
# lib/server.bash, then this.
# shellcheck disable=SC2153 # the test files use them

# router_files FOLDER: users file and mode file for servers a (source) and b (target).
router_files() {
	mkdir -p "$1"
	(
		umask 077
		printf '[app]\npassword=apppw\n' >"$1/users"
		printf '[other]\npassword=otherpw\n' >>"$1/users"
	)
	rm -f "$1/mode"
	mi-route --mode-file="$1/mode" --make-mode-file="${2-source}"
}

# router_start FOLDER [OPTION...]: in the background; $router_pid. router_wait waits until it serves.
router_start() {
	local dir=$1
	shift
	mi-route -v -v -s a -t b --users="$dir/users" --mode-file="$dir/mode" --control="$dir/control" \
	    --listen="$dir/sock" "$@" </dev/null >>"$dir/log" 2>&1 3>&- 4>&- &
	router_pid=$!
}
router_wait() {
	wait_until 20 mi-route --tell="$1/control" status
}
router_up() {
	router_start "$@"
	router_wait "$1"
}
router_stop() {
	[ -z "${router_pid-}" ] || kill -KILL "$router_pid" 2>/dev/null || true
	wait "${router_pid-}" 2>/dev/null || true
	router_pid=
}

tell() {
	mi-route --tell="$dir/control" "$@"
}

# state_of WORD: prints the value of WORD in the router's status.
state_of() {
	tell status | awk -v word="$1" '$1 == word { print $2 }'
}
is_state() {
	[ "$(state_of "$1")" = "$2" ]
}

app() { # [CLIENT-OPTION...]: one statement after the other, by the stock client
	mariadb --no-defaults --socket="$dir/sock" --user=app --password=apppw --batch \
	    --skip-column-names "$@"
}

# hold_begin SECONDS...: asks for a hold, as coprocess HOLD. Sets $token and $epoch, or fails with the answer in $said.
hold_begin() {
	coproc HOLD { exec mi-route --tell="$dir/control" hold "$@" 2>/dev/null 3>&- 4>&-; }
	hold_pid=$HOLD_PID
	# copies of the descriptors: bash closes the coprocess' own when it ends
	exec {hold_out}<&"${HOLD[0]}" {hold_in}>&"${HOLD[1]}"
	eval "exec ${HOLD[0]}<&- ${HOLD[1]}>&-"
	read -r -t 20 said <&"$hold_out" || true
	case $said in
	held*) read -r _ token epoch <<<"$said" ;;
	*) fail "no hold: $said" || return ;;
	esac
	[ -n "$token$epoch" ]
}
# hold_end: ends the hold, by the end of the coprocess' standard input.
hold_end() {
	exec {hold_in}>&-
	wait "$hold_pid" 2>/dev/null || true
	exec {hold_out}<&-
}

# client_open NAME: starts a client that stays connected; client_say NAME STATEMENT sends a line and
# waits until it was answered; client_send does not wait; client_has NAME TEXT looks at its answers.
declare -gA client_fd client_pid
client_open() {
	mkfifo "$dir/$1.in"
	: >"$dir/$1.out"
	app --unbuffered --force shop <"$dir/$1.in" >>"$dir/$1.out" 2>&1 3>&- 4>&- &
	client_pid[$1]=$!
	exec {fd}>"$dir/$1.in"
	client_fd[$1]=$fd
	client_say "$1" "SELECT 'open'"
}
client_send() {
	printf '%s;\n' "$2" >&"${client_fd[$1]}"
}
client_say() {
	mark=$((${mark-0} + 1))
	client_send "$1" "$2"
	client_send "$1" "SELECT 'mark-$mark'"
	wait_until 20 client_has "$1" "mark-$mark"
}
client_has() {
	grep -qF -- "$2" "$dir/$1.out"
}
clients_close() {
	local name fd
	for name in "${!client_pid[@]}"; do
		kill -KILL "${client_pid[$name]}" 2>/dev/null || true
		fd=${client_fd[$name]}
		exec {fd}>&-
	done
	client_pid=() client_fd=()
}

# What every test file needs: . "$BATS_TEST_DIRNAME/lib/helper.bash"
#
# Programs are taken from $MI_BIN (build/bin). $INSTRUMENT, for instance
# "valgrind -q --error-exitcode=99", goes before each program that run_ok and run_exit start by a
# name mi-*.

bats_require_minimum_version 1.5.0

ROOT=$(cd "${BASH_SOURCE[0]%/*}/../.." && pwd)
MI_BIN=${MI_BIN:-$ROOT/build/bin}
PATH=$MI_BIN:$ROOT/scripts:$PATH
export ROOT MI_BIN PATH
# Only an option file that a test file made for itself is used, never the caller's own servers.
case ${MI_CONFIG-} in
"$BATS_RUN_TMPDIR"/*) ;;
*) unset MI_CONFIG ;;
esac

# The variables that bats' run sets.
: "${status:=}" "${output:=}" "${stderr:=}"

fail() {
	printf '%s\n' "$@" >&2
	return 1
}

# Prints the last run's command, exit code and output, shortened.
show_run() {
	printf 'command: %s\nstatus: %s\n' "$ran" "$status"
	printf '%s\n' "$output" | head -c 2000 | sed 's/^/out: /'
	printf '%s\n' "$stderr" | head -c 2000 | sed 's/^/err: /'
}

# run_exit CODE COMMAND...: runs it, and fails unless it exits with CODE, or if a sanitizer or
# valgrind complained. Leaves $status, $output and $stderr (with $lines and $stderr_lines).
run_exit() {
	local code=$1 prefix=()
	shift
	case ${1##*/} in
	mi-*) read -ra prefix <<<"${INSTRUMENT-}" ;;
	esac
	ran="$*"
	run --separate-stderr "${prefix[@]}" "$@"
	if [ "$status" -ne "$code" ]; then
		fail "expected status $code" "$(show_run)"
	fi
	case $stderr in
	*Sanitizer:* | *'runtime error:'*) fail "a sanitizer complains" "$(show_run)" ;;
	esac
}

run_ok() {
	run_exit 0 "$@"
}

equal() {
	[ "$1" = "$2" ] || fail "expected: $2" "is:       $1" "${3-}"
}

# contains TEXT PART: the part is somewhere in the text, to the byte.
contains() {
	case $1 in
	*"$2"*) ;;
	*) fail "expected to find: $2" "in: ${1:0:2000}" ;;
	esac
}

lacks() {
	case $1 in
	*"$2"*) fail "expected not to find: $2" "in: ${1:0:2000}" ;;
	esac
}

# Nobody writes into it: to read from it is to wait, without a process of its own.
exec {never}<> <(:)

# wait_until SECONDS COMMAND...: polls until the command succeeds.
wait_until() {
	local end=$((SECONDS + $1))
	shift
	until "$@" >/dev/null 2>&1; do
		[ $SECONDS -lt $end ] || fail "waited in vain for: $*" || return
		read -rt 0.05 -u "$never" || true
	done
}

# A child process without bats' own descriptors, which would hold the run open. Sets bg_pid; the
# caller waits for it or kills it.
background() {
	"$@" 3>&- 4>&- &
	export bg_pid=$!
}

free_port() {
	/usr/bin/python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

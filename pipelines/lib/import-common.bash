# shellcheck shell=bash disable=SC2015,SC2034,SC2154
# common: what all subcommands of import share. The state folder, its lock and its log; the servers;
# the router. Sourced by pipelines/import.

die() { # CODE TEXT
	local code=$1
	shift
	say "$@"
	[ -z "${logging-}" ] || log "exit $code: $*"
	exit "$code"
}
log() { printf '%(%FT%TZ)T %s[%d]: %s\n' -1 "$command" $$ "$*" >>"$state/log"; }
note() { # said and logged
	say "$@"
	log "$@"
}

# ---- The folder ----

# Replaced whole, and on disk when this returns.
save() { # FILE TEXT
	printf '%s\n' "$2" >"$state/$1.new"
	sync "$state/$1.new"
	mv "$state/$1.new" "$state/$1"
	sync "$state"
}
phase() { if [ -e "$state/phase" ]; then cat "$state/phase"; else echo none; fi; }
set_phase() {
	save phase "$1"
	log "phase $1"
}

# Every subcommand of an import alone; who holds the lock, and what it is doing, stands in it. What is
# started from here must not inherit the lock: 9>&-.
take_lock() {
	exec 9>>"$state/lock"
	if ! flock -n 9; then
		[ "$command" = step ] || say "$(head -c 200 "$state/lock" 2>/dev/null) is at work in $state"
		exit 75
	fi
	at "begun"
}
at() { # what this process is doing, for whoever finds the lock held
	printf 'process %d (%s: %s)\n' $$ "$command" "$1" >"$state/lock"
}

open_folder() {
	[ -d "$state" ] && [ -r "$state/import.conf" ] || die 78 "$state is no folder of an import: mi-import init makes one"
	[ -O "$state" ] || die 77 "$state belongs to somebody else"
	umask 077
	chmod 0700 "$state"
	map=''
	# shellcheck disable=SC1091 # written by init, in a folder of our own
	. "$state/import.conf"
	logging=1
	export MI_IMPORT=$import
	unset MI_STATE_DB MI_MAP_DB # which side's?
	control=$state/control
	pair=(-c "$state/my.cnf") users=()
	[ ! -f "$state/users" ] || users=(--users="$state/users")
	take_lock
}

# A person's command, or a statement through the router, keeps the import from being stopped as idle.
mark_activity() { touch "$state/activity"; }

# shellcheck source=pipelines/lib/import-sides.bash
. "$here/lib/import-sides.bash"

# ---- Words of the command line ----

options() { # ALLOWED... sets the variables of those that are given; the folder becomes $state
	local allowed=" $* " name
	ignore=() threads=() evict='' abandon='' despite=''
	state=''
	while [ ${#words[@]} -gt 0 ]; do
		name=${words[0]%%=*}
		case ${words[0]} in
		-h | --help) usage && exit 0 ;;
		--*) [[ $allowed == *" $name "* ]] || die 64 "$command does not know $name" ;;
		esac
		case ${words[0]} in
		--evict) evict=yes ;;
		--despite-incompatible) despite=yes ;;
		--abandon-target-writes) abandon=yes ;;
		--ignore=*) ignore+=("${words[0]}") ;;
		--threads=*) threads=("${words[0]}") ;;
		-*) die 64 "$command: ${words[0]} is not understood" ;;
		*) [ -z "$state" ] || die 64 "one state folder is enough: $state"
			state=${words[0]} ;;
		esac
		words=("${words[@]:1}")
	done
	[ -n "$state" ] || die 64 "which state folder?"
	state=$(readlink -m "$state")
	open_folder
}
words=("$@")

# common: what all subcommands of import share: the state folder, its lock and its log, and the command line's
# words. Only functions, as in every part of import; pipelines/import declares the variables.
# shellcheck shell=bash disable=SC2015

# ---- The folder ----

# Replaces a file of the folder, whole, and on disk when this returns.
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

# Takes the lock on the folder, under which one subcommand runs at a time. The lock's file says which process
# holds it, and what that is doing. `status` looks at the lock by holding it for a moment, which is waited for.
# A process that is started from here must not inherit the lock: 9>&-.
take_lock() {
	exec 9>>"$state/lock"
	if ! flock -w 1 9; then
		[ "$command" = step ] || say "$(head -c 200 "$state/lock" 2>/dev/null) is at work in $state"
		exit 75
	fi
	at "begun"
}
at() { # writes what this process is doing, for others that find the lock held
	printf 'process %d (%s: %s)\n' $$ "$command" "$1" >"$state/lock"
}

# Opens the folder $state that init has made: sets import.conf's variables, and control, pair, users, log_file.
open_folder() {
	[ -d "$state" ] && [ -r "$state/import.conf" ] || die 78 "$state is no folder of an import: mi-import init makes one"
	[ -O "$state" ] || die 77 "$state belongs to somebody else"
	umask 077
	chmod 0700 "$state"
	# shellcheck source=/dev/null # written by init, in a folder that only its owner can write to
	. "$state/import.conf"
	log_file=$state/log
	export MI_IMPORT=$import
	unset MI_STATE_DB MI_MAP_DB # they would apply to both sides, which have different names
	control=$state/control
	pair=(-c "$state/my.cnf")
	[ ! -f "$state/users" ] || users=(--users="$state/users")
}

# Records activity, a person's command or a statement through the router: the import is not idle.
mark_activity() { touch "$state/activity"; }

# ---- Words of the command line ----

# Sets the variables of the given options, which must be in ALLOWED ("--evict --ignore"), and opens the folder.
options() { # ALLOWED WORD...
	local allowed=" $1 " word
	shift
	for word; do
		case $word in
		-h | --help) usage && exit 0 ;;
		--*) [[ $allowed == *" ${word%%=*} "* ]] || die 64 "$command does not know ${word%%=*}" ;;
		esac
		case $word in
		--evict) evict=yes ;;
		--despite-incompatible) despite=yes ;;
		--abandon-target-writes) abandon=yes ;;
		--ignore=*) ignore+=("$word") ;;
		--threads=*) threads=("$word") ;;
		--lock=*) lock=("$word") ;;
		--max-rate=*) rate=("$word") ;;
		-*) die 64 "$command: $word is not understood" ;;
		*)
			[ -z "$state" ] || die 64 "one state folder is enough: $state"
			state=$word
			;;
		esac
	done
	[ -n "$state" ] || die 64 "which state folder?"
	state=$(readlink -m "$state")
	open_folder
}

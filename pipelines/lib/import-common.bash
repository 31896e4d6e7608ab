# common: what all subcommands of import share: the state folder, its lock and its log, the words of the command
# line. Functions only, as every part of import; pipelines/import declares the variables.
# shellcheck shell=bash disable=SC2015

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

# Every subcommand of an import runs alone; who holds the lock, and what that process is doing, stands in the
# lock's file. A process that is started from here must not inherit the lock: 9>&-.
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

# The folder $state, as init has made it: sets what import.conf says, and control, pair, users, log_file.
open_folder() {
	[ -d "$state" ] && [ -r "$state/import.conf" ] || die 78 "$state is no folder of an import: mi-import init makes one"
	[ -O "$state" ] || die 77 "$state belongs to somebody else"
	umask 077
	chmod 0700 "$state"
	# shellcheck source=/dev/null # written by init, in a folder of our own
	. "$state/import.conf"
	log_file=$state/log
	export MI_IMPORT=$import
	unset MI_STATE_DB MI_MAP_DB # which side's?
	control=$state/control
	pair=(-c "$state/my.cnf")
	[ ! -f "$state/users" ] || users=(--users="$state/users")
}

# A person's command, or a statement through the router, keeps the import from being stopped as idle.
mark_activity() { touch "$state/activity"; }

# ---- Words of the command line ----

# Sets the variables of the options that are given, those of ALLOWED ("--evict --ignore"); opens the folder.
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

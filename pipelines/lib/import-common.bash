# shellcheck shell=bash
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
	# shellcheck disable=SC1091 # written by init, in a folder of our own
	. "$state/import.conf"
	logging=1
	export MI_IMPORT=$import MI_STATE_DB=$state_db
	control=$state/control
	pair=(-c "$state/my.cnf")
	take_lock
}

# A person's command, or a statement through the router, keeps the import from being stopped as idle.
mark_activity() { touch "$state/activity"; }

# ---- The servers ----

writer_of_source() { if [ -n "$writer" ]; then echo writer; else echo source; fi; }

# A conversation with mi-fence on one side: one shot, answer on stdout.
fence() { # SERVER COMMAND-LINE...
	local server=$1
	shift
	printf '%s\n' "$@" | mi-fence -q "${pair[@]}" -s "$server" "${filters[@]}" 9>&- 2>>"$state/log"
}
field() { # NAME, out of lines "NAME value"
	sed -n "s/^$1 //p"
}

# The importing accounts' passwords go; the router's file keeps the groups that are named.
destroy() { # FILE
	shred -u "$state/$1" 2>/dev/null || rm -f "$state/$1"
}
forget_credentials() { # [GROUP...]
	local keep=" $* " text=''
	[ ! -e "$state/route.cnf" ] || text=$(awk -v keep="$keep" '
		/^\[/ { on = index(keep, " " substr($0, 9, length($0) - 9) " ") } on' "$state/route.cnf")
	destroy my.cnf
	destroy route.cnf
	save route.cnf "$text"
	log "the importing accounts' credentials are destroyed"
}

# ---- The router ----

tell() { mi-route --tell="$control" "$@" 9>&-; }
router_value() { # NAME, as the router's status has it
	tell status 2>/dev/null | field "$1"
}
# The mode file is the truth, whether a router runs or not.
mode_value() { field "$1" <"$state/mode"; }
need_router() {
	tell status >/dev/null 2>&1 || die 69 "no router answers at $control: start mi-route, or see mi-import(1)"
}

# ---- Followers ----

# follower DIRECTION ACTION [OPTION]: the pair of mi-binlog and mi-apply. What we ignore it must not.
follower() {
	(
		trap - TERM INT HUP PIPE
		exec "$here/follow" "$2" "${@:3}" "$state/$1" </dev/null >/dev/null 9>&- 2>>"$state/log"
	)
}
follower_conf() { # DIRECTION EPOCH
	local from=source to i
	to=$(writer_of_source)
	if [ "$1" = forward ]; then to=target; else from=target; fi
	mkdir -p "$state/$1"
	save "$1/follow.conf" "$(
		printf '%s = %s\n' config "$state/my.cnf" source "$from" target "$to" import "$import" flow "$import/$1" \
			apply.state-db "$state_db" apply.epoch "$2" binlog.heartbeat 1
		if [ "$1" = forward ]; then printf 'apply.notify = %s\n' "$state/notify"; fi
		for ((i = 0; i < ${#filters[@]}; i += 2)); do
			case ${filters[i]} in
			-d) printf 'databases = %s\n' "${filters[i + 1]}" ;;
			-T) printf 'tables = %s\n' "${filters[i + 1]}" ;;
			-X) printf 'exclude = %s\n' "${filters[i + 1]}" ;;
			esac
		done
	)"
}

# ---- Words of the command line ----

options() { # ALLOWED... sets the variables of those that are given; the folder becomes $state
	local allowed=" $* " name
	ignore=() threads=() evict='' abandon=''
	state=''
	while [ ${#words[@]} -gt 0 ]; do
		name=${words[0]%%=*}
		case ${words[0]} in
		-h | --help) usage && exit 0 ;;
		--*) [[ $allowed == *" $name "* ]] || die 64 "$command does not know $name" ;;
		esac
		case ${words[0]} in
		--evict) evict=yes ;;
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

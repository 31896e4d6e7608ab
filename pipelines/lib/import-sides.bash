# shellcheck shell=bash disable=SC2015,SC2034,SC2154
# sides: the servers, the router and the followers of an import. Sourced by import-common.

# ---- The servers ----

writer_of_source() { if [ -n "$writer" ]; then echo writer; else echo source; fi; }

# What the target calls a database, or DB.TABLE: $map is OLD=NEW, or nothing. Into `name`.
rename_for_target() {
	name=$1
	case $1 in
	"${map%%=*}") name=${map#*=} ;;
	"${map%%=*}".*) name=${map#*=}.${1#"${map%%=*}".} ;;
	esac
}
# How one side calls what is imported: into `side_filters`, `side_db` (of the bookkeeping), and
# `side_map`, for what comes from the other side.
names_on() { # SERVER
	local i name
	side_filters=("${filters[@]}") side_db=$state_db side_map=()
	[ -n "$map" ] || return 0
	side_map=(--map-db="${map#*=}=${map%%=*}")
	[ "$1" = target ] || return 0
	side_map=(--map-db="$map")
	rename_for_target "$state_db" && side_db=$name
	for ((i = 1; i < ${#filters[@]}; i += 2)); do rename_for_target "${filters[i]}" && side_filters[i]=$name; done
}
# mi-fence on one side, as words into `fence_words`.
fence_on() { # SERVER
	names_on "$1"
	fence_words=(mi-fence -q "${pair[@]}" -s "$1" "${side_filters[@]}" --state-db="$side_db" "${side_map[@]}")
}

# A conversation with mi-fence on one side: one shot, answer on stdout.
fence() { # SERVER COMMAND-LINE...
	fence_on "$1"
	shift
	printf '%s\n' "$@" | "${fence_words[@]}" 9>&- 2>>"$state/log"
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
	names_on "$to"
	save "$1/follow.conf" "$(
		printf '%s = %s\n' config "$state/my.cnf" source "$from" target "$to" import "$import" flow "$import/$1" \
			apply.state-db "$side_db" apply.epoch "$2" binlog.heartbeat 1
		if [ "$1" = forward ]; then printf 'apply.notify = %s\n' "$state/notify"; fi
		# after a switch it begins at the writer's position, which the source comes to later
		if [ "$1" = forward ] && [ -n "$writer" ]; then echo 'binlog.source-is-replica ='; fi
		[ -z "$map" ] || printf 'apply.map-db = %s\n' "${side_map[0]#*=}"
		names_on "$from"
		for ((i = 0; i < ${#side_filters[@]}; i += 2)); do
			case ${side_filters[i]} in
			-d) printf 'databases = %s\n' "${side_filters[i + 1]}" ;;
			-T) printf 'tables = %s\n' "${side_filters[i + 1]}" ;;
			-X) printf 'exclude = %s\n' "${side_filters[i + 1]}" ;;
			esac
		done
	)"
}

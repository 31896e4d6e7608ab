# shellcheck shell=bash disable=SC2015,SC2034,SC2154
# sides: the servers, the router and the followers of an import. Sourced by import-common.

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

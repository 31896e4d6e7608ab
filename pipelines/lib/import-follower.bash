# follower: the followers of an import, one for each direction.
# shellcheck shell=bash

# Runs mi-follow for a direction. Signals that are ignored here must not be ignored there.
follower() { # DIRECTION ACTION [OPTION]
	(
		trap - TERM INT HUP PIPE
		exec "$here/follow" "$2" "${@:3}" "$state/$1" </dev/null >/dev/null 9>&- 2>>"$state/log"
	)
}
# Sets follower_state, follower_because, follower_code, follower_at and follower_lag.
look_at_follower() { # DIRECTION
	local key value
	follower_state='' follower_because='' follower_code=0 follower_at='' follower_lag=''
	while read -r key value; do
		case $key in
		state) follower_state=$value ;;
		because) follower_because=$value ;;
		code) follower_code=$value ;;
		at) follower_at=$value ;;
		lag) follower_lag=$value ;;
		esac
	done < <(MI_FOLLOW_LINES=yes "$here/follow" status "$state/$1" 2>>"$state/log" 9>&- || true)
}
# Prints the command that goes on after a follower's stop.
way_past() { # DIRECTION
	echo "see WHEN IT STOPS in mi-follow(1); then mi-follow resume $state/$1${follower_at:+, or mi-follow resume --past=$follower_at $state/$1}"
}
# Keeps the follower at work. Returns its exit status when it has stopped for good, and says why, the first time.
keep_following() { # DIRECTION
	local told=''
	look_at_follower "$1"
	[ "$follower_state" != running ] || return 0
	if [ "$follower_state" = failed ]; then
		[ ! -e "$state/$1/follow.told" ] || told=yes
		touch "$state/$1/follow.told"
		[ -n "$told" ] || note "the follower of $1 has stopped ($follower_code): $follower_because"
		[ -n "$told" ] || say "hint: $(way_past "$1")"
		return "$follower_code"
	fi
	case $follower_state in starting | waiting) ;; *) log "the follower of $1 does not run: starting it" ;; esac
	follower "$1" start || [ $? -eq 75 ] || note "the follower of $1 does not start: see $state/$1"
}
# Prints a direction's follow.conf.
follower_conf_text() { # DIRECTION EPOCH FROM TO
	names_on "$4"
	printf '%s = %s\n' config "$state/my.cnf" source "$3" target "$4" import "$import" flow "$import/$1" \
		apply.state-db "$side_db" apply.epoch "$2" apply.throttle "$state/throttle.conf" binlog.heartbeat 1
	if [ "$1" = forward ]; then printf 'apply.notify = %s\n' "$state/notify"; fi
	# after a switch the flow begins at the writer's position, which the source reaches later
	if [ "$1" = forward ] && [ -n "$writer" ]; then echo 'binlog.source-is-replica ='; fi
	[ -z "$map" ] || printf 'apply.map-db = %s\n' "${side_map[0]#*=}"
	names_on "$3"
	filters_as_conf "${side_filters[@]}"
}
follower_conf() { # DIRECTION EPOCH
	mkdir -p "$state/$1"
	if [ "$1" = forward ]; then
		save forward/follow.conf "$(follower_conf_text forward "$2" source target)"
	else
		save reverse/follow.conf "$(follower_conf_text reverse "$2" target "$(writer_of_source)")"
	fi
}

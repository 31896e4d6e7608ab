# step: does whatever is due, if anything is. For cron, every minute; it does not count as activity.
# shellcheck shell=bash

# Looks for foreign writes: on the passive side, to which only the import should write.
look_for_foreign() { # SERVER
	local found code=0
	[ -s "$state/foreign.$1" ] || return 0
	names_on "$1"
	found=$(mi-binlog -q "${pair[@]}" -s "$1" "${side_filters[@]}" --foreign --since=@"$state/foreign.$1" 9>&- 2>>"$state/log") || code=$?
	[ "$code" -le 1 ] || { log "looking for foreign writes on the $1: exit $code" && return 0; }
	grep '^foreign ' <<<"$found" | sed "s/^foreign/$(date -u +%FT%TZ) $1/" >>"$state/foreign" || true
	save "foreign.$1" "$(field position <<<"$found")"
	[ "$code" -eq 0 ] || note "transactions have reached the $1 around the import: see $state/foreign"
}

# Records activity when the router's count of statements has grown.
count_statements() {
	local count
	count=$(tell metrics 2>/dev/null | awk '/^mi_route_statement_seconds_count/ { n += $NF } END { printf "%.0f", n }')
	[ -n "$count" ] && [ "$count" != 0 ] || return 0
	[ "$count" = "$(cat "$state/statements" 2>/dev/null)" ] || mark_activity
	printf '%s\n' "$count" >"$state/statements"
}
is_idle() {
	local last
	count_statements
	last=$(stat -c %Y "$state/activity")
	[ $(($(date +%s) - last)) -gt "$idle_limit" ]
}
stop_idle() {
	note "no activity for $idle_limit s: stopping"
	if [ "$(phase)" != primary ]; then
		leave_target stopped
		return
	fi
	follower reverse stop || true
	save behind "its flow was stopped when nobody had used the import for $idle_limit s"
}

# Keeps the follower running, and looks for foreign writes. Exits with the code of a follower that a person must
# look at.
keep_flow() { # DIRECTION SERVER
	local code=0
	keep_following "$1" || code=$?
	look_for_foreign "$2"
	[ "$code" -eq 0 ] || exit "$code"
}

do_step() { # WORD...
	options "" "$@"
	take_lock
	recover
	case $(phase) in
	copying) copy_rows ;;
	finishing) leave_source ;;
	cancelling | stopping) leave_target "$(leaving_to)" ;;
	esac
	case $(phase) in
	following | replica)
		if is_idle; then stop_idle && exit 0; fi
		if [ ! -e "$state/forward/follow.conf" ]; then follow_on; fi
		keep_flow forward target
		if [ "$(phase)" = following ] && is_close && tell status >/dev/null 2>&1; then enter_replica; fi
		;;
	primary)
		[ ! -e "$state/behind" ] || exit 0
		if is_idle; then stop_idle && exit 0; fi
		keep_flow reverse "$(writer_of_source)"
		;;
	esac
}

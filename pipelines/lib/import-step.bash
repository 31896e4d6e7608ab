# shellcheck shell=bash disable=SC2015,SC2034,SC2154
# step: whatever is due, and nothing when nothing is. For cron, every minute; it is no activity.

# shellcheck source=pipelines/lib/import-ends.bash
. "$here/lib/import-ends.bash"
# shellcheck source=pipelines/lib/import-phases.bash
. "$here/lib/import-phases.bash"
# shellcheck source=pipelines/lib/import-recover.bash
. "$here/lib/import-recover.bash"
# shellcheck source=pipelines/lib/import-leave.bash
. "$here/lib/import-leave.bash"

# Writes that have reached the side that only the import writes to.
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

keep_following() { # DIRECTION
	follower "$1" status >/dev/null && return 0
	log "the follower of $1 does not run: starting it"
	follower "$1" start || [ $? -eq 75 ] || note "the follower of $1 does not start: see $state/$1"
}

# Statements through the router are activity: their count has moved.
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
	[ $(($(date +%s) - last)) -gt "${IDLE_LIMIT:-604800}" ]
}
stop_idle() {
	note "no activity for ${IDLE_LIMIT:-604800} s: stopping"
	if [ "$(phase)" != primary ]; then
		leave_target stopped
		return
	fi
	follower reverse stop || true
	save behind "its flow was stopped when nobody had used the import for ${IDLE_LIMIT:-604800} s"
}

options
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
	keep_following forward
	look_for_foreign target
	if [ "$(phase)" = following ] && is_close && tell status >/dev/null 2>&1; then enter_replica; fi
	;;
primary)
	[ ! -e "$state/behind" ] || exit 0
	if is_idle; then stop_idle && exit 0; fi
	keep_following reverse
	look_for_foreign "$(writer_of_source)"
	;;
esac

# The ways past a stop that wanted a person: what it was about, and resume, with that transaction or without it. See
# mi-follow(1), WHEN IT STOPS.
# shellcheck shell=bash

# Sets stopped_at: the transaction, or the set of purged ones, at which the pair has stopped for good, by the reason.
find_stop() {
	local gtid='[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}(:[a-z_][a-z0-9_]*)?:[0-9]+|[0-9]+-[0-9]+-[0-9]+'
	stopped_at=''
	[ "$state" = failed ] || return 0
	if [[ $reason =~ purged\ transactions\ that\ are\ still\ needed:\ ([^ ;]*) ]]; then
		stopped_at=${BASH_REMATCH[1]}
	elif [[ $reason =~ transaction\ ($gtid) ]]; then
		stopped_at=${BASH_REMATCH[1]}
	fi
}
# Prints what to do about the stop.
way_on() {
	find_state
	find_stop
	if [ -n "$stopped_at" ]; then
		echo "see WHEN IT STOPS in mi-follow(1); then mi-follow resume $folder, or resume --past=$stopped_at"
	else
		echo "see WHEN IT STOPS in mi-follow(1) and $folder/follow.log; when the cause is gone: mi-follow resume $folder"
	fi
}
need_stop() { # WHAT
	find_state
	[ "$state" = failed ] || die 78 "$1 is about the transaction at which it has stopped, and it has not: it is $state"
	find_stop
	[ -n "$stopped_at" ] || die 78 "it has stopped at no transaction: $reason"
}

put() { # FILE TEXT: replaces a file of the folder, whole and on disk
	printf '%s\n' "$2" >"$folder/$1.new"
	sync "$folder/$1.new"
	mv "$folder/$1.new" "$folder/$1"
	sync "$folder"
}

# ---- In the keeper ----

has_applied() { mi-gtid contains "@$folder/applied.gtid" "$1" 2>/dev/null; }
has_passed() { # GTID: in mi-apply's list
	awk -v gtid="$1" '$2 == gtid { found = 1 } END { exit !found }' "$folder/passed" 2>/dev/null
}
# Sets past and at_the_stop, and forgets what is behind: a transaction is passed, or its statement dealt with, once.
settle_stop() {
	local at
	past=() at_the_stop=()
	if [ -e "$folder/past" ]; then
		at=$(<"$folder/past")
		if has_passed "$at" && has_applied "$at"; then
			log "passed: $(tail -n 1 "$folder/passed")"
			rm -f "$folder/past"
		else
			past=(--past="$at") at_the_stop=(--past="$at" --passed="$folder/passed")
		fi
	fi
	if [ -e "$folder/once" ]; then
		at=$(<"$folder/once")
		if has_applied "${at#*@}"; then rm -f "$folder/once"; else at_the_stop+=(--on-ddl-at="$at"); fi
	fi
}

# ---- Commands ----

plan_past() {
	lock_start
	need_stop --past
	! alive "$folder/follow.pid" >/dev/null || die 75 "it runs"
	[[ $stopped_at = *... ]] || mi-gtid equal "$stopped_at" "$past_gtid" ||
		die 65 "it has stopped at transaction $stopped_at, and not at $past_gtid"
	rm -f "$folder/passed" # a copy of the target's list, written anew
	past_gtid=$(mi-gtid union "$past_gtid" "$past_gtid") # as mi-apply writes it
	put past "$past_gtid"
	log_file=$folder/follow.log
	note "passing $past_gtid, which is not applied; it has stopped because of $reason"
}

do_resume() {
	local end=$((SECONDS + ${timeout:-60}))
	[ -z "$past_gtid" ] || plan_past
	whatever=yes
	do_start || return
	[ -n "$past_gtid" ] || return 0
	until has_passed "$past_gtid"; do
		! state_is failed || refuse_failed
		[ $SECONDS -lt $end ] || die 75 "not passed yet after ${timeout:-60} seconds: see mi-follow status $folder"
		sleep 0.1
	done
	say "passed: $(tail -n 1 "$folder/passed")"
	say "hint: what it changed is not on the target unless you have made it there: verify these tables"
}

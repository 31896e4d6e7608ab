# Starting, stopping and waiting for the keeper, the process of `mi-follow run`.
# shellcheck shell=bash

state_is() { # STATE
	grep -qx "state $1" "$folder/follow.state" 2>/dev/null
}

# Refuses to start after a failure that a person must look at; only the first time with a message, as cron starts
# again and again.
refuse_failed() {
	local code reason
	code=$(sed -n 's/^code //p' "$folder/follow.state")
	reason=$(sed -n 's/^reason //p' "$folder/follow.state")
	if [ ! -e "$folder/follow.told" ]; then
		say "it has failed ($code): $reason"
		say "hint: $(way_on)"
		touch "$folder/follow.told"
	fi
	exit "$code"
}

# Held by start until the keeper is known, by which time the keeper holds it no more; by the keeper itself until
# then; and by stop, which would find nobody to signal while a start is under way.
lock_start() {
	exec 8>"$folder/start.lock"
	flock 8
}

do_start() {
	local child code=0
	lock_start
	! alive "$folder/follow.pid" >/dev/null || return 0
	[ -z "$unless_stopped" ] || ! state_is stopped || return 0
	[ -n "$whatever" ] || ! state_is failed || refuse_failed
	MI_DETACHED=yes setsid "$here/follow" run "$folder" </dev/null >/dev/null 2>>"$folder/follow.log" &
	child=$!
	until alive "$folder/follow.pid" >/dev/null; do
		kill -0 "$child" 2>/dev/null || break
		sleep 0.05
	done
	alive "$folder/follow.pid" >/dev/null || wait "$child" || code=$?
	[ "$code" -ne 75 ] || code=0 # another mi-follow has started or stopped the keeper meanwhile
	return "$code"
}

do_stop() {
	local file
	lock_start
	signal TERM "$folder/follow.pid"
	gone_within "${timeout:-60}" "$folder/follow.pid" || signal TERM "$folder/follow.pid"
	gone_within 5 "$folder/follow.pid" || signal KILL "$folder/follow.pid"
	gone_within 5 "$folder/follow.pid" || die 75 "it does not end"
	for file in binlog apply; do end_process "$folder/$file.pid" 10 || die 75 "mi-$file does not end"; done
	state_is failed || write_state stopped 0 "stopped by mi-follow stop"
}

# A source that has not got what was applied has lost it: its log was reset, or it is another server. One that is a
# replica may get it yet.
refuse_reset() { # POSITION-OF-THE-SOURCE WHAT-WAS-APPLIED-BEFORE
	[[ " ${binlog_options[*]} " != *" --source-is-replica "* ]] || return 0
	mi-gtid contains "$1" "$2" ||
		die 65 "the source does not have all that was applied: its log was reset, or it is another server: copy anew"
}

do_wait() {
	local want had end=$((SECONDS + ${timeout:-1000000000}))
	had=$(cat "$folder/applied.gtid" 2>/dev/null || true)
	want=$(position_of "${conn[@]}" -s "$source" "${filters[@]}")
	refuse_reset "$want" "$had"
	while
		! state_is failed || refuse_failed
		! mi-gtid contains "@$folder/applied.gtid" @- <<<"$want" 2>/dev/null
	do
		alive "$folder/follow.pid" >/dev/null || die 75 "it does not run: see mi-follow status $folder"
		[ $SECONDS -lt $end ] || die 75 "not there after $timeout seconds"
		sleep 0.1
	done
}

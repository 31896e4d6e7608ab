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
		say "hint: look at $folder/follow.log; when the cause is gone: mi-follow start --force $folder"
		touch "$folder/follow.told"
	fi
	exit "$code"
}

do_start() {
	local child code=0
	! alive "$folder/follow.pid" >/dev/null || return 0
	[ -z "$unless_stopped" ] || ! state_is stopped || return 0
	[ -n "$force" ] || ! state_is failed || refuse_failed
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
	signal TERM "$folder/follow.pid"
	gone_within "${timeout:-60}" "$folder/follow.pid" || signal TERM "$folder/follow.pid"
	gone_within 5 "$folder/follow.pid" || signal KILL "$folder/follow.pid"
	gone_within 5 "$folder/follow.pid" || die 75 "it does not end"
	for file in binlog apply; do end_process "$folder/$file.pid" 10 || die 75 "mi-$file does not end"; done
	state_is failed || write_state stopped 0 "stopped by mi-follow stop"
}

do_wait() {
	local want end=$((SECONDS + ${timeout:-1000000000}))
	want=$(position_of "${conn[@]}" -s "$source" "${filters[@]}")
	until mi-gtid contains "@$folder/applied.gtid" @- <<<"$want" 2>/dev/null; do
		! state_is failed || refuse_failed
		alive "$folder/follow.pid" >/dev/null || die 75 "it does not run: see mi-follow status $folder"
		[ $SECONDS -lt $end ] || die 75 "not there after $timeout seconds"
		sleep 0.1
	done
}

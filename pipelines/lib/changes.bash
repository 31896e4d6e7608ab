# Keeps the source's changes while a copy runs, so that the source need not keep its binary logs for so
# long: in $state/changes/000001.mi and so on, each a whole stream that begins at the position where the
# file before ended. $state/changes/since has the position where the last file ended. See mi-copy(1).
# shellcheck shell=bash

# Saves the position where the changes begin. Called before anything is read from the source, so that this
# position is before every snapshot's.
begin_changes() { # READER...
	local position
	mkdir -p "$state/changes"
	[ ! -e "$state/changes/since" ] || return 0
	position=$(position_of "$@")
	printf '%s\n' "$position" >"$state/changes/since.new"
	mv "$state/changes/since.new" "$state/changes/since"
}

room_in_kib() {
	echo $((limit_in_kib - $(du -sk "$state/changes" | cut -f 1)))
}

# The limit in KiB, into limit_in_kib; without a limit, a quarter of the free space.
kib_of() { # SIZE
	case $1 in
	*G) echo $((10#${1%G} << 20)) ;;
	*M) echo $((10#${1%M} << 10)) ;;
	*K) echo $((10#${1%K})) ;;
	[0-9]*) echo $((10#$1 / 1024)) ;;
	*) df -Pk "$state" | awk 'NR == 2 { print int($4 / 4) }' ;;
	esac
}

no_longer() {
	say "changes are kept no longer: $*; from here on the source's own binary logs must last"
	exit 0
}

# Keeps the changes from `since` up to now in one more file, and then moves `since` on.
keep_piece() { # READER...
	local code=0 room last
	room=$(room_in_kib)
	[ "$room" -gt 0 ] || no_longer "they fill $((limit_in_kib / 1024)) MiB (--binlog-spool)"
	(
		record "$state/changes/binlog.pid"
		ulimit -f "$room"
		exec mi-binlog -q "$@" --since="@$state/changes/since" --until="@$state/changes/until" \
			--definitions="$state/definitions" \
			>"$state/changes/piece"
	) || code=$?
	case $code in
	0) ;;
	153) no_longer "they fill $((limit_in_kib / 1024)) MiB (--binlog-spool)" ;; # SIGXFSZ
	69 | 74 | 75 | 143) rm -f "$state/changes/piece" && return 0 ;;             # to be tried again in the next round
	*) no_longer "mi-binlog ended with $code" ;;
	esac
	last=$(find "$state/changes" -name '*.mi' | sort | tail -n 1)
	last=$(basename "${last:-000000.mi}" .mi)
	mv "$state/changes/piece" "$state/changes/$(printf '%06d' $((10#$last + 1))).mi"
	mi-gtid union "@$state/changes/since" "@$state/changes/until" >"$state/changes/since.new"
	mv "$state/changes/since.new" "$state/changes/since"
}

# Keeps changes until this process is told to end, or the copy has ended.
keep_changes() { # READER...
	local copy=$1 clock n
	shift
	trap 'rm -f "$state/changes/piece"' EXIT
	trap 'exit 0' TERM INT HUP
	exec {clock}<> <(:) 9>&-
	while [ "$(identity "$$" || true)" = "$copy" ]; do
		for ((n = 0; n < keep_every; n++)); do read -rt 1 -u "$clock" || true; done
		position_of "$@" >"$state/changes/until" || continue
		mi-gtid contains "@$state/changes/since" "@$state/changes/until" || keep_piece "$@"
	done
}

keeper() { keep_changes "$@" </dev/null >/dev/null; }
# Starts keeping changes; a process that a killed copy has left is ended first.
start_keeping() { # READER...
	[ -e "$state/changes/since" ] || return 0
	stop_keeping
	heed_signals exit 143 # the end of the copy ends the keeper, too
	hold_signals
	spawn "$state/changes/keeper.pid" keeper "$(identity "$$")" "$@"
	release_signals
	trap - TERM INT HUP
}

# The keeper waits for its mi-binlog, and would begin another one if that ended alone: so both, and what is left.
stop_keeping() {
	local file
	for file in keeper binlog; do signal TERM "$state/changes/$file.pid"; done
	for file in binlog keeper binlog; do end_process "$state/changes/$file.pid" 10; done
}

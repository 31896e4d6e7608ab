# Keeps what the source changes while a copy runs, so that it need not keep its binary logs for so
# long: $state/changes/000001.mi and so on, each a whole stream that begins where the one before it
# ended. Where the last one ended is in $state/changes/since. See mi-copy(1).
# shellcheck shell=bash

# Before anything is read from the source, so that it is before every snapshot's position.
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

# Without a limit it is a quarter of what is free.
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

# What came between since and until, as one file. It is there before since says so.
keep_piece() { # READER...
	local code=0 room last
	room=$(room_in_kib)
	[ "$room" -gt 0 ] || no_longer "they fill $((limit_in_kib / 1024)) MiB (--binlog-spool)"
	(
		record "$state/changes/binlog.pid"
		ulimit -f "$room"
		exec mi-binlog -q "$@" --since="@$state/changes/since" --until="@$state/changes/until" \
			>"$state/changes/piece"
	) || code=$?
	case $code in
	0) ;;
	153) no_longer "they fill $((limit_in_kib / 1024)) MiB (--binlog-spool)" ;; # SIGXFSZ
	69 | 74 | 75 | 143) rm -f "$state/changes/piece" && return 0 ;;             # the next round may do
	*) no_longer "mi-binlog ended with $code" ;;
	esac
	last=$(find "$state/changes" -name '*.mi' | sort | tail -n 1)
	last=$(basename "${last:-000000.mi}" .mi)
	mv "$state/changes/piece" "$state/changes/$(printf '%06d' $((10#$last + 1))).mi"
	mi-gtid union "@$state/changes/since" "@$state/changes/until" >"$state/changes/since.new"
	mv "$state/changes/since.new" "$state/changes/since"
}

# Until it is ended, or the copy has been.
keep_changes() { # READER...
	local copy=$1 clock n
	shift
	record "$state/changes/keeper.pid"
	trap 'rm -f "$state/changes/piece"' EXIT
	trap 'exit 0' TERM INT HUP
	exec {clock}<> <(:) 9>&-
	while [ "$(identity "$$" || true)" = "$copy" ]; do
		for ((n = 0; n < keep_every; n++)); do read -rt 1 -u "$clock" || true; done
		position_of "$@" >"$state/changes/until" || continue
		mi-gtid contains "@$state/changes/since" "@$state/changes/until" || keep_piece "$@"
	done
}

# What a killed copy has left is ended first.
start_keeping() { # READER...
	[ -e "$state/changes/since" ] || return 0
	stop_keeping
	keep_changes "$(identity "$$")" "$@" </dev/null >/dev/null &
}

stop_keeping() {
	local file
	for file in keeper binlog; do signal TERM "$state/changes/$file.pid"; done
	for file in binlog keeper; do end_process "$state/changes/$file.pid" 10; done
}

# The steps of a copy, which pipelines/copy runs one after another.
# shellcheck shell=bash

schema() { mi-schema "${reader[@]}" "${schema_options[@]}" --for-server="$target" "$@"; }
dump() { mi-dump "${reader[@]}" "${threads[@]}" "${lock[@]}" "${proof[@]}" "${rate[@]}" --throttle="$throttle" --progress="$state/dump.prom" "$@"; }
load() {
	mi-load "${conn[@]}" -s "$target" "${threads[@]}" "${load[@]}" "${proof[@]}" "${map[@]}" --throttle="$throttle" \
		--progress="$state/load.prom" --checkpoint="$state/applied.gtid"
}

# Prints the follow.conf with which mi-follow continues where this copy has ended.
follow_conf() {
	local i
	echo "# See mi-follow(1)."
	[ -z "$config" ] || echo "config = $(readlink -f "$config")"
	echo "source = $source"
	echo "target = $target"
	filters_as_conf "${filters[@]}"
	echo "import = $MI_IMPORT"
	echo "apply.throttle = $throttle"
	for ((i = 1; i < ${#map[@]}; i += 2)); do echo "apply.map-db = ${map[i]}"; done
	[ ${#load[@]} -eq 0 ] || echo "apply.no-binlog ="
}
hand_over() {
	[ -e "$state/follow.conf" ] || follow_conf >"$state/follow.conf.new"
	[ -e "$state/follow.conf" ] || mv "$state/follow.conf.new" "$state/follow.conf"
	[ -n "$follow" ] || exit 0
	exec "$here/follow" start --unless-stopped "$state" 9>&-
}

# Exits with the failure that came first. A writer that exits with 74 has lost its reader, whose code says
# why; any other failure of the writer is the reason why mi-load missed the rest of a stream.
finish() {
	local writer=$1 loader=$2 position
	if [ "$writer" -ne 0 ] && { [ "$writer" -ne 74 ] || [ "$loader" -eq 0 ]; }; then exit "$writer"; fi
	if [ "$loader" -ne 0 ]; then exit "$loader"; fi
	position=$(head -c 200 "$state/applied.gtid") # empty: of a server that has logged nothing yet
	printf 'import %s, position %s\n' "$MI_IMPORT" "${position:-before all transactions}" >"$state/copied.new"
	mv "$state/copied.new" "$state/copied"
	rm -f "$state"/spool.*
	say "done: $(cat "$state/copied")"
	stop_keeping
	hand_over
}

# mi-check, before anything is read. What only following needs is a blocker only with --follow.
look_first() {
	local code
	[ "$binlog_spool" = no ] || begin_changes "${reader[@]}" || say "changes cannot be kept meanwhile"
	[ -n "$follow" ] || check+=(--copy-only)
	mi-check "${conn[@]}" -s "$source" -t "$target" "${filters[@]}" "${map[@]}" "${check[@]}" >"$state/check" || {
		code=$?
		cat "$state/check" >&2
		exit "$code"
	}
}

has_foreign_keys() { # on the source? a failure ends the copy: it is no answer
	schema --section=post-data >"$state/spool.post" || exit
	mi-cat "$state/spool.post" >"$state/spool.list" || exit
	grep -q '^ddl post foreign-key' "$state/spool.list"
}
choose_spool() {
	[ "$spool" = auto ] || return 0
	spool=no
	if has_foreign_keys; then spool=yes; fi
}

read_into_spool() {
	[ ! -e "$state/begun" ] || say "reading the source anew: the files of the last run are not whole"
	schema --section=pre-data >"$state/spool.pre"
	dump >"$state/spool.rows"
	schema --section=post-data >"$state/spool.post"
	sync "$state"/spool.*
	touch "$state/spool.whole" "$state/begun"
}
copy_by_spool() {
	[ -e "$state/spool.whole" ] || read_into_spool
	set +e
	cat "$state"/spool.pre "$state"/spool.rows "$state"/spool.post | load
	finish 0 "${PIPESTATUS[1]}"
}

# After an interruption the rest is of a second snapshot, in which a UNIQUE value may have moved from one
# row to another: the load can deal with that only if the keys are there before the rows.
copy_by_pipe() {
	local unique=after skip=()
	if [ -e "$state/begun" ]; then
		if has_foreign_keys; then
			die 78 "foreign keys: without --spool a copy cannot go on; drop the target's tables and begin anew"
		fi
		mi-load "${conn[@]}" -s "$target" --done >"$state/done"
		unique=before skip=(--skip="$state/done")
		say "going on: $(wc -l <"$state/done") pieces are in the target already"
	fi
	touch "$state/begun"
	set +e
	(
		set -e
		schema --section=pre-data --unique="$unique"
		dump -Z 0 "${skip[@]}" # compressing costs time, and gains nothing in a pipe on one machine
		schema --section=post-data --unique="$unique"
	) | load
	finish "${PIPESTATUS[@]}"
}

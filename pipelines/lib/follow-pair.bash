# One pair of processes: mi-binlog (or cat, over kept changes) and mi-apply; its start, its end, and which of
# the two was the reason for the end.
# shellcheck shell=bash disable=SC2094

# The source's time up to which all is applied, as this mi-apply or the one before it has known; 0: none has.
heard_until() {
	local heard
	heard=$(metric mi_source_time_seconds "$folder/apply.prom")
	if [ -z "$heard" ] || [ "$heard" = 0 ]; then heard=$(cat "$folder/heard" 2>/dev/null || true); fi
	echo "${heard:-0}"
}

# What each half becomes; the pipe's ends are in pipe_read and pipe_write.
reading_half() {
	trap - TERM INT HUP
	exec mi-apply -q "${conn[@]}" -s "$target" "${whose[@]}" --checkpoint="$folder/applied.gtid" \
		--progress="$folder/apply.prom" "${apply_options[@]}" "${at_the_stop[@]}" \
		<&"$pipe_read" >/dev/null 2>>"$folder/follow.log" 9>&- {pipe_read}<&- {pipe_write}>&- {clock}>&-
}
writing_half() { # COMMAND...
	trap - TERM INT HUP
	exec "$@" </dev/null >&"$pipe_write" 2>>"$folder/follow.log" 9>&- {pipe_read}<&- {pipe_write}>&- {clock}>&-
}
# Starts both processes, joined by a pipe that no other process holds; sets writer and reader.
start_pair() { # WRITER-COMMAND...
	heard_until >"$folder/heard.new"
	mv "$folder/heard.new" "$folder/heard"
	make_pipe
	spawn "$folder/apply.pid" reading_half && reader=$child
	spawn "$folder/binlog.pid" writing_half "$@" && writer=$child
	exec {pipe_read}<&- {pipe_write}>&-
}

# Waits until both processes have ended; sets wrote and applied.
wait_pair() {
	while kill -0 "$writer" 2>/dev/null && kill -0 "$reader" 2>/dev/null; do tick; done
	# when the writer ends, the reader takes what is in the pipe and ends; an idle writer does not notice its reader's end
	kill -0 "$reader" 2>/dev/null || end_process "$folder/binlog.pid" "$patience" || true
	while kill -0 "$reader" 2>/dev/null; do tick; done
	wrote=0 applied=0
	wait "$writer" || wrote=$?
	wait "$reader" || applied=$?
}

is_final() { # CODE: true when trying again would not help; a tool that was killed is tried again
	case $1 in
	0 | 69 | 74 | 75 | 129 | 130 | 137 | 141 | 143) return 1 ;;
	esac
}

# Finds which tool was the reason for the end; sets code and tool.
judge() {
	if is_final "$applied"; then
		code=$applied tool=mi-apply
	elif is_final "$wrote"; then
		code=$wrote tool=$writer_name
	elif [ "$applied" -ne 0 ] && { [ "$applied" -ne 75 ] || [ "$wrote" -eq 0 ] || [ "$wrote" -eq 74 ]; }; then
		code=$applied tool=mi-apply
	else
		code=$wrote tool=$writer_name
	fi
	reason=$(tail -n 100 "$folder/follow.log" | sed -n "s/^[^ ]* $tool: //p" | sed 's/^hint: /; /' |
		awk '/^; / { last = last $0; next } { last = $0 } END { print last }')
	[ "$code" -le 128 ] || reason="killed by signal $((code - 128))"
	[ "$code" -le 128 ] || ! is_final "$code" || code=70
	reason="$tool: ${reason:-ended with $code}"
}

# One pair, from its start to its end.
pair() { # WRITER-NAME COMMAND...
	writer_name=$1
	shift
	write_state running "$code" "$reason" # code and reason are those of the pair before
	start_pair "$@"
	heed # what came while the pair was made
	wait_pair
	settle_stop
	[ "$writer_name" != cat ] || [ "$wrote" -ne 1 ] || wrote=74
}

# A pair that applies the changes that were kept during the copy.
pair_of_kept() {
	local files=("$folder"/changes/*.mi) first
	[ -e "${files[0]}" ] || return 1
	first=$(mi-cat "${files[0]}" 2>/dev/null | sed -n "1s/.* low '\([^']*\)' high .*/\1/p" || true)
	if ! mi-gtid contains "@$folder/applied.gtid" "$first" 2>>"$folder/follow.log"; then
		tell "the kept changes begin after the checkpoint: going on with the source's own log"
		mv "$folder/changes" "$folder/changes.unused"
		rm -rf "$folder/definitions" # they are of the same time
		return 1
	fi
	tell "applying ${#files[@]} files of kept changes"
	pair cat cat "${files[@]}"
	[ "$wrote" -eq 0 ] && [ "$applied" -eq 0 ] || return 0
	rm -rf "$folder/changes"
	tell "the kept changes are applied"
	[ "$asked" -gt 0 ] || return 1
}

pair_of_live() {
	local since=now # mi-apply has its own position in the target, and writes the file anew
	[ ! -e "$folder/applied.gtid" ] || since=@$folder/applied.gtid
	pair mi-binlog mi-binlog -q "${conn[@]}" -s "$source" "${filters[@]}" ${import:+--import="$import"} -Z 0 \
		--since="$since" --definitions="$folder/definitions" --progress="$folder/binlog.prom" "${past[@]}" "${binlog_options[@]}"
}

# ends: programs that are kept open for commands and answers: mi-fence on both sides of a switch, and the
# router's control socket for a hold. They are started before clients wait; to ask one, no process is started.
# shellcheck shell=bash

# Starts a program whose stdin and stdout stay open here, under NAME.
open_end() { # NAME COMMAND...
	local name=$1 its_in its_out
	shift
	hold_signals
	make_pipe && end_in["$name"]=$pipe_write its_in=$pipe_read
	make_pipe && end_out["$name"]=$pipe_read its_out=$pipe_write
	spawn '' run_end "$its_in" "$its_out" "$@"
	end_pid["$name"]=$child
	exec {its_in}<&- {its_out}>&-
	release_signals
}
# Becomes the program, without our ends of its pipes and of the others', which could not see its end otherwise.
run_end() { # STDIN STDOUT COMMAND...
	local in=$1 out=$2 fd
	shift 2
	exec <&"$in" >&"$out" 9>&- 2>>"$state/log" {in}<&- {out}>&-
	for fd in "${end_in[@]}" "${end_out[@]}"; do exec {fd}>&-; done
	exec "$@"
}
open_fence() { # NAME SERVER
	fence_on "$2"
	open_end "$1" "${fence_words[@]}"
}

# Closes the program's input, at whose end it releases everything; kills it if it does not end.
close_end() { # NAME
	local fd i
	[ -n "${end_pid[$1]-}" ] || return 0
	fd=${end_in[$1]} && exec {fd}>&-
	fd=${end_out[$1]} && exec {fd}<&-
	for ((i = 0; i < 100; i++)); do
		kill -0 "${end_pid[$1]}" 2>/dev/null || break
		sleep 0.05
	done
	kill -9 "${end_pid[$1]}" 2>/dev/null || true
	wait "${end_pid[$1]}" 2>/dev/null || true
	unset "end_in[$1]" "end_out[$1]" "end_pid[$1]"
}
close_ends() {
	local name
	for name in hold old new; do close_end "$name"; done
}

# ask NAME SECONDS COMMAND: sends the command; the answer's data lines go into `answers`, its last line into
# `said`. Returns the code of an error; 69: there is no answer in time.
ask() {
	local name=$1 limit=$2 line
	shift 2
	answers=() said="error 69 $name has gone"
	{ printf '%s\n' "$*" >&"${end_in[$name]}"; } 2>/dev/null || return 69
	hear "$name" "$limit"
}
hear() { # NAME SECONDS
	local line code
	said="error 69 no answer from $1 within $2 s"
	while IFS= read -r -t "$2" -u "${end_out[$1]}" line; do
		said=$line
		case $line in
		ok* | held\ *) return 0 ;;
		error\ *)
			code=${line#error }
			return "${code%% *}"
			;;
		esac
		answers+=("$line")
		said="error 69 $1 has gone"
	done
	return 69
}
# answer NAME: sets `value` from the line "NAME value" in `answers`.
answer() {
	local line
	value=''
	for line in "${answers[@]}"; do
		[ "${line%% *}" != "$1" ] || value=${line#* }
	done
}

# ---- Time ----

# Sets `now_ms`.
read_clock() { now_ms=$((${EPOCHREALTIME/./} / 1000)); }
# lap NAME: adds the ms since the last call to `laps`, to be printed after the switch.
lap() {
	read_clock
	laps+="$1 $((now_ms - lap_ms)) "
	lap_ms=$now_ms
	at "in the hold, after $1"
}
# Sets `left_ms` and, in seconds, `left` to what is left of the hold, but to no less than an answer needs.
time_left() {
	read_clock
	left_ms=$((hold_end - now_ms))
	[ "$left_ms" -gt "$answer_least" ] || left_ms=$answer_least
	printf -v left '%d.%03d' $((left_ms / 1000)) $((left_ms % 1000))
}

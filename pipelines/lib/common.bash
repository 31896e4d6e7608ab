# What pipelines share: the tools' folder, messages, the log, identifying processes, filters as lines of
# follow.conf. The pipeline declares $here (its folder), $me (its name), $log_file and $log_name before it sources
# this file.
# shellcheck shell=bash

# Puts the tools' folder, of the build tree or of the installation, first in PATH.
find_tools() {
	local dir
	for dir in "${MI_BIN-}" "$here/../build/bin" "$here/../../bin"; do
		if [ -n "$dir" ] && [ -x "$dir/mi-load" ]; then
			PATH=$dir:$PATH
			break
		fi
	done
}

# ---- Messages ----

say() { printf '%s: %s\n' "$me" "$*" >&2; }
# A line in $log_file, which must be set: when (UTC), who ($log_name), what.
log() { TZ=UTC printf '%(%FT%TZ)T %s: %s\n' -1 "$log_name" "$*" >>"$log_file"; }
note() { # prints and logs
	say "$@"
	log "$@"
}
# Prints the text, logs it where there is a log, and exits with CODE.
die() { # CODE TEXT
	local code=$1
	shift
	say "$@"
	[ -z "$log_file" ] || log "exit $code: $*"
	exit "$code"
}

# ---- Processes ----

# A process is identified by its number, its start time and the machine's boot: see proc(5), fields 3 and 22
# of stat. Prints the three; fails when there is no such process.
identity() { # PID
	local stat fields
	{ stat=$(<"/proc/$1/stat"); } 2>/dev/null || return 1
	read -ra fields <<<"${stat##*) }"
	[ "${fields[0]}" != Z ] || return 1
	printf '%s %s %s\n' "$1" "${fields[19]}" "$(</proc/sys/kernel/random/boot_id)"
}

# Writes the calling process's own identity to FILE, before it becomes a tool by exec.
record() { # FILE
	identity "$BASHPID" >"$1.$BASHPID"
	mv "$1.$BASHPID" "$1"
}

# Prints the number of the process that FILE names, if that still runs.
alive() { # FILE
	local pid rest
	{ read -r pid rest <"$1"; } 2>/dev/null || return 1
	[[ $pid =~ ^[0-9]+$ ]] && [ "$(identity "$pid")" = "$pid $rest" ] || return 1
	printf '%s\n' "$pid"
}

signal() { # SIGNAL FILE
	local pid
	if pid=$(alive "$2"); then kill "-$1" "$pid" 2>/dev/null || true; fi
}

gone_within() { # SECONDS FILE
	local end=$((SECONDS + $1))
	while alive "$2" >/dev/null; do
		[ $SECONDS -lt $end ] || return 1
		sleep 0.1
	done
}

# Asks the process to end, which finishes the transaction in hand; kills it after SECONDS.
end_process() { # FILE SECONDS
	signal TERM "$1"
	gone_within "$2" "$1" || signal TERM "$1"
	gone_within 2 "$1" || signal KILL "$1"
	gone_within 10 "$1"
}

# ---- Servers ----

# Prints the GTIDs that a server has executed, which the header of an empty stream has.
position_of() { # MI-BINLOG-OPTIONS...
	mi-binlog -q "$@" --since=now --until=now | mi-cat | sed -n "1s/.* low '\([^']*\)' high .*/\1/p"
}

# Prints options -d, -T and -X as lines of follow.conf.
filters_as_conf() { # OPTION VALUE...
	while [ $# -gt 0 ]; do
		case $1 in
		-d) printf 'databases = %s\n' "$2" ;;
		-T) printf 'tables = %s\n' "$2" ;;
		-X) printf 'exclude = %s\n' "$2" ;;
		esac
		shift 2
	done
}

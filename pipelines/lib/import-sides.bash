# sides: the servers and the router of an import.
# shellcheck shell=bash

# ---- The servers ----

writer_of_source() { if [ -n "$writer" ]; then echo writer; else echo source; fi; }

# Sets `renamed`: what the target calls a database, or DB.TABLE ($map is OLD=NEW).
rename_for_target() {
	renamed=$1
	case $1 in
	"${map%%=*}") renamed=${map#*=} ;;
	"${map%%=*}".*) renamed=${map#*=}.${1#"${map%%=*}".} ;;
	esac
}
# Sets `side_filters` and `side_db` (the bookkeeping's database) by one side's names, and `side_map` for changes
# that come from the other side.
names_on() { # SERVER
	local i
	side_filters=("${filters[@]}") side_db=$state_db side_map=()
	[ -n "$map" ] || return 0
	side_map=(--map-db="${map#*=}=${map%%=*}")
	[ "$1" = target ] || return 0
	side_map=(--map-db="$map")
	rename_for_target "$state_db" && side_db=$renamed
	for ((i = 1; i < ${#filters[@]}; i += 2)); do rename_for_target "${filters[i]}" && side_filters[i]=$renamed; done
}
# Sets flow, opposite, old and new for a switch that ends FLOW: its passive side, new, becomes the writer.
set_sides() { # forward (the target takes the writes over) | reverse (the source does)
	flow=$1
	if [ "$flow" = forward ]; then
		opposite=reverse old=$(writer_of_source) new=target
	else
		opposite=forward old=target new=$(writer_of_source)
	fi
}
# Sets `fence_words`: the command mi-fence for one side.
fence_on() { # SERVER
	names_on "$1"
	fence_words=(mi-fence -q "${pair[@]}" -s "$1" "${side_filters[@]}" --state-db="$side_db" "${side_map[@]}")
}

# Runs one command of mi-fence on one side; the answer is on stdout.
fence() { # SERVER COMMAND-LINE...
	fence_on "$1"
	shift
	printf '%s\n' "$@" | "${fence_words[@]}" 9>&- 2>>"$state/log"
}
field() { # NAME, out of lines "NAME value"
	sed -n "s/^$1 //p"
}

# Removes the importing accounts' passwords; of the router's option file only the named groups are kept.
destroy() { # FILE
	shred -u "$state/$1" 2>/dev/null || rm -f "$state/$1"
}
forget_credentials() { # [GROUP...]
	local keep=" $* " text=''
	[ ! -e "$state/route.cnf" ] || text=$(awk -v keep="$keep" '
		/^\[/ { on = index(keep, " " substr($0, 9, length($0) - 9) " ") } on' "$state/route.cnf")
	destroy my.cnf
	destroy route.cnf
	save route.cnf "$text"
	log "the importing accounts' credentials are destroyed"
}

# ---- The router ----

tell() { mi-route --tell="$control" "$@" 9>&-; }
# A value of the mode file, which is valid whether a router runs or not.
mode_value() { field "$1" <"$state/mode"; }
need_router() {
	tell status >/dev/null 2>&1 || die 69 "no router answers at $control: start mi-route, or see mi-import(1)"
}

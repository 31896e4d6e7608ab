# Finds out, from the folder's files, how its pair is doing. No server is asked.
# shellcheck shell=bash

# Sets lag: for how many seconds what the source has committed has been waiting to be applied. While the pair is at
# work, 0 when all that has come is applied and the source is heard; else the time since the last transaction that was
# applied was committed there, or since the source was quiet; what does not run and has never heard of the source is
# behind since it stopped, at least.
find_lag() {
	local seen heard
	heard=$(heard_until)
	case ${heard:-0}:$state in
	0:running | 0:starting | 0:new) return ;;
	0:*) heard=$since ;;
	esac
	[ -n "$heard" ] || return 0
	seen=$(metric mi_updated_time_seconds "$folder/apply.prom")
	if [ "$state" != running ] || holds "$now - $seen > 30"; then
		lag=$(calc "$now > $heard ? $now - $heard : 0" 6)
	elif [ "$(metric mi_busy "$folder/apply.prom")" = 0 ] && holds "$seen - $heard < 15"; then
		lag=0
	else
		lag=$(calc "$seen > $heard ? $seen - $heard : 0" 6)
	fi
}

# Sets left: how long the source still keeps what is needed next. A running mi-binlog has looked; without one,
# the time for which the source keeps its binary logs, less the lag.
find_retention() {
	local looked keeps
	looked=$(metric mi_updated_time_seconds "$folder/binlog.prom")
	keeps=$(metric mi_retention_seconds "$folder/binlog.prom")
	if [ -z "$keeps" ] || holds "$keeps == 0"; then return; fi
	retention=$keeps
	if [ "$state" = running ] && ! holds "$now - $looked > 30"; then
		left=$(metric mi_purge_left_seconds "$folder/binlog.prom")
		[ "$(metric mi_purge_warning "$folder/binlog.prom")" != 1 ] ||
			warning="the source will soon purge binary logs that are still needed"
	elif [ -n "$lag" ]; then
		left=$(calc "$keeps - $lag < 0 ? 0 : $keeps - $lag" 0)
		! holds "$left < $keeps / 4" || warning="the source will soon purge binary logs that are still needed"
	fi
	[ "${left:-1}" != 0 ] || warning="the source may have purged binary logs that are still needed"
}

kept_count() {
	local files=("$folder"/changes/*.mi)
	if [ -e "${files[0]}" ]; then echo ${#files[@]}; else echo 0; fi
}

# Sets state and what belongs to it: what the keeper has written last, if that still holds.
find_state() {
	local key value
	state=new since='' code=0 reason=''
	while read -r key value; do
		case $key in
		state) state=$value ;;
		code) code=$value ;;
		time) since=$value ;;
		reason) reason=$value ;;
		esac
	done < <(cat "$folder/follow.state" 2>/dev/null || true)
	pid=$(alive "$folder/follow.pid" || true)
	case $pid:$state in
	:starting | :running | :waiting) state=dead reason="the keeper has been killed, or the machine has been restarted" ;;
	?*:new) state=waiting ;;
	esac
	# mi-apply writes applied.gtid when it has read the stream's beginning
	[ "$state" != running ] || [ "$folder/applied.gtid" -nt "$folder/apply.pid" ] || state=starting
}

find_all() {
	now=$(date +%s.%N)
	find_state
	find_stop
	kept=$(kept_count)
	position=$(cat "$folder/applied.gtid" 2>/dev/null || true)
	transactions=$(metric mi_transactions_total "$folder/apply.prom")
	rows=$(metric mi_rows_total "$folder/apply.prom")
	[ "$state" != running ] || rate=$(metric mi_rows_per_second "$folder/apply.prom")
	find_lag
	find_retention
}

do_status() {
	find_all
	if [ -n "$json" ]; then show_json; elif [ -n "${MI_FOLLOW_LINES-}" ]; then show_lines; else show_text; fi
	[ "$state" = running ] && [ -z "$warning" ]
}

# An import between two servers with an application on it, for tests: source lib/helper.bash, lib/server.bash,
# then this. Everything is in $dir; servers $SOURCE (a) and $TARGET (b). $WRITER, where it is set, is
# written to, and $SOURCE is its replica. $MAP is OLD=NEW: another name at the target.

IMPORT=$ROOT/pipelines/import
SOURCE=${SOURCE:-a} TARGET=${TARGET:-b} WRITER=${WRITER-} MAP=${MAP-}
dir=${BATS_TEST_TMPDIR-}

import() { # SUBCOMMAND...
	"$IMPORT" "$@" </dev/null 3>&- 4>&- 7>&-
}

# Accounts of the application and the import's router, and its files in $dir/im.
import_files() { # DATABASE [INIT-OPTION...]
	local s
	for s in ${WRITER:-$SOURCE} $TARGET; do
		sql "$s" "CREATE USER IF NOT EXISTS app@'%' IDENTIFIED BY 'apppw'; GRANT ALL ON *.* TO app@'%'"
	done
	rm -rf "$dir/im"
	(umask 077 && printf '[app]\npassword=apppw\n' >"$dir/users")
	import init "$dir/im" -c "$MI_CONFIG" -s "$SOURCE" -t "$TARGET" -d "$1" --users="$dir/users" \
	    ${WRITER:+-w "$WRITER"} ${MAP:+--map-db="$MAP"} "${@:2}" 2>>"$dir/out"
	port=$(free_port)
}

router_up() { # starts the import's router in the background; sets $router_pid
	local writes=source
	[ -z "$WRITER" ] || writes=writer
	mi-route -c "$dir/im/route.cnf" -s $writes -t target ${MAP:+--map="$MAP"} --users="$dir/im/users" --mode-file="$dir/im/mode" \
	    --control="$dir/im/control" --notify="$dir/im/notify" --listen=127.0.0.1:"$port" --listen="$dir/sock" \
	    --tls-cert="$(fact "$SOURCE" tls)/server-cert.pem" --tls-key="$(fact "$SOURCE" tls)/server-key.pem" \
	    "$@" </dev/null >>"$dir/route.log" 2>&1 3>&- 4>&- &
	router_pid=$!
	wait_until 20 mi-route --tell="$dir/im/control" status
}
router_kill() {
	kill -KILL "$router_pid" 2>/dev/null || true
	wait "$router_pid" 2>/dev/null || true
}

# switch_begin: a switch in the background, $switch_pid. switch_is_at TEXT: does the lock's file say that the switch
# is doing that?
switch_begin() { # primary|replica [OPTION...]
	setsid "$IMPORT" switch "$@" "$dir/im" </dev/null >"$dir/switch.out" 2>&1 3>&- 4>&- &
	switch_pid=$!
}
switch_is_at() {
	[[ $(<"$dir/im/lock") == *"$1"* ]]
}
switch_await() { # TEXT: spins, because holds are short
	local end=$((SECONDS + 30)) at
	while [ $SECONDS -lt $end ]; do
		{ read -r at <"$dir/im/lock"; } 2>/dev/null || continue
		[[ $at != *"$1"* ]] || return 0
		kill -0 "$switch_pid" 2>/dev/null || return 1
	done
	return 1
}

# Runs step until no switch is open any more.
settle() {
	wait_until 60 step_is_done
}
step_is_done() {
	import step "$dir/im" && [ ! -e "$dir/im/journal" ]
}

app() { # [CLIENT-OPTION...]: the stock client through the router
	mariadb --no-defaults --socket="$dir/sock" --user=app --password=apppw --batch --skip-column-names \
	    --default-character-set=utf8mb4 "$@"
}

# ledger_begin starts the ledger application in the background, $ledger_pid. ledger_end ends it; its report is in
# $dir/ledger.out.
ledger_begin() { # [OPTION...]
	LEDGER_PASSWORD=apppw /usr/bin/python3 "$ROOT/tests/lib/ledger.py" --port "$port" --log "$dir/ledger.log" --verbose \
	    --tls "$(fact "$SOURCE" tls)/ca.pem" "$@" </dev/null >"$dir/ledger.out" 2>"$dir/ledger.err" 3>&- 4>&- &
	ledger_pid=$!
	wait_until 20 test -s "$dir/ledger.log"
}
ledger_end() {
	kill -TERM "$ledger_pid"
	wait "$ledger_pid"
	sed 's/^/# /' "$dir/ledger.out" >&3
}
ledger_value() { # NAME
	sed -n "s/^$1 //p" "$dir/ledger.out"
}

# Every acknowledged entry is on the server, once, with its id, and no other but those of unknown
# outcome; the accounts have what the entries say.
ledger_holds() { # SERVER [DATABASE]
	local db=${2:-shop}
	sql "$1" "SELECT who,n,id FROM $db.entry" | tr '\t' ' ' | LC_ALL=C sort >"$dir/there"
	grep -v '^?' "$dir/ledger.log" | LC_ALL=C sort >"$dir/acked"
	LC_ALL=C comm -13 "$dir/there" "$dir/acked" >"$dir/lost"
	[ ! -s "$dir/lost" ] || fail "acknowledged, and not on $1: $(wc -l <"$dir/lost"): $(head -3 "$dir/lost")"
	sed -n 's/^? //p' "$dir/ledger.log" | LC_ALL=C sort >"$dir/unknown"
	LC_ALL=C comm -23 "$dir/there" "$dir/acked" | cut -d' ' -f1,2 | LC_ALL=C sort | LC_ALL=C comm -23 - "$dir/unknown" >"$dir/ghosts"
	[ ! -s "$dir/ghosts" ] || fail "on $1, and never acknowledged: $(head -3 "$dir/ghosts")"
	equal "$(sql "$1" "SELECT COUNT(*) FROM $db.account a LEFT JOIN (SELECT account, SUM(amount) s FROM $db.entry
		GROUP BY account) e ON e.account=a.id WHERE a.balance<>COALESCE(s,0)")" 0 "the books of $1"
}

# Both servers have the same rows once the flow has brought everything over; the writer's replica, too.
sides_equal() { # DATABASE [TABLES-LEFT-OUT]
	local there=$1
	[ "$1" != "${MAP%%=*}" ] || there=${MAP#*=}
	wait_until 60 flow_is_done
	tables_equal "${WRITER:-$SOURCE}" "$TARGET" "$1" "${2-}" "$there"
	[ -z "$WRITER" ] || { wait_until 60 source_is_level && tables_equal "$WRITER" "$SOURCE" "$1" "${2-}"; }
}
source_is_level() {
	mi-gtid contains "$(fence_says source position | sed -n 's/^position //p')" \
	    "$(fence_says writer position | sed -n 's/^position //p')"
}
fence_says() { # SERVER COMMAND
	# as the import itself calls mi-fence: databases may have another name there
	(
		state=$dir/im pair=(-c "$dir/im/my.cnf") import=''
		# shellcheck source=/dev/null
		. "$state/import.conf"
		export MI_IMPORT=$import
		# shellcheck source=pipelines/lib/import-sides.bash
		. "$ROOT/pipelines/lib/import-sides.bash"
		fence "$@"
	)
}
flow_is_done() {
	local direction=forward from=${WRITER:+writer} to=target position epoch
	from=${from:-source}
	[ "$(cat "$dir/im/phase")" != primary ] || { to=$from from=target direction=reverse; }
	position=$(fence_says "$from" position | sed -n 's/^position //p')
	epoch=$(fence_says "$to" "flow $direction" | sed -n 's/^epoch //p')
	fence_says "$to" "wait $direction $epoch 2000 $position"
}

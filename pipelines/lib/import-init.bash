# init: makes the state folder, with the servers' options and the router's files in it.
# shellcheck shell=bash disable=SC2015

# --map-db: only the one imported database, and no name that could be taken for another one.
check_map() {
	local from=${map%%=*} as=${map#*=} i
	[ -n "$map" ] || return 0
	[[ $map =~ ^[^=]+=[^=]+$ ]] && [ "$from" != "$as" ] || die 64 "--map-db=$map is not OLD=NEW"
	[[ " ${databases[*]} " == *" $from "* ]] || die 64 "--map-db: $from is not among the databases"
	[[ " ${databases[*]} " != *" $as "* ]] || die 64 "--map-db: $as is imported under its own name"
	for ((i = 0; i < ${#filters[@]}; i += 2)); do
		[[ ${filters[i]} = -d || ${filters[i + 1]%%.*} != *[*?]* || ${filters[i + 1]} != *.* ]] ||
			die 64 "--map-db: ${filters[i + 1]} may mean $from or not: name the database"
	done
}

init_option() { # OPTION VALUE
	case $1 in
	-c | --config) config=$2 ;;
	-s | --source) source=$2 ;;
	-t | --target) target=$2 ;;
	-w | --writer) writer=$2 ;;
	-d | --databases) filters+=(-d "$2") && databases+=("$2") ;;
	-T | --tables) filters+=(-T "$2") && databases+=("${2%%.*}") ;;
	-X | --exclude) filters+=(-X "$2") ;;
	--map-db)
		[ -z "$map" ] || die 64 "--map-db is given once: the router knows one database by two names"
		map=$2
		;;
	--users) users_file=$2 ;;
	--state-db) state_db=$2 ;;
	--skip-invalid-views) skip_views=(--skip-invalid-views) ;;
	-h | --help) usage && exit 0 ;;
	esac
}
init_options() { # WORD...
	local options
	options=$(getopt -n mi-import -o c:s:t:w:d:T:X:h \
		-l config:,source:,target:,writer:,databases:,tables:,exclude:,map-db:,users:,state-db:,skip-invalid-views,help -- "$@") || exit 64
	eval set -- "$options"
	while [ "$1" != -- ]; do
		if [ "$1" = --skip-invalid-views ]; then
			init_option "$1" ''
		else
			init_option "$1" "$2" && shift
		fi
		shift
	done
	shift
	[ $# -eq 1 ] || { usage >&2 && exit 64; }
	[ ${#databases[@]} -gt 0 ] || die 64 "which databases? -d names them"
	[ -n "$state_db" ] || state_db=$(printf '%s\n' "${databases[@]}" | sort | head -n 1)
	case $state_db in *[*?]*) die 64 "patterns do not name a database for the bookkeeping: --state-db does" ;; esac
	check_map
	state=$(readlink -m "$1")
}

# Makes the folder and takes its lock; exits when the folder has been made before.
make_folder() {
	umask 077
	mkdir -p "$state"
	[ -O "$state" ] || die 77 "$state belongs to somebody else"
	chmod 0700 "$state"
	take_lock
	if [ -e "$state/import.conf" ]; then
		say "already made: $state"
		exit 0
	fi
}

# Prints a group of the option file under the name that the folder's file gives it, [client]'s options first;
# what the file includes is left out.
group() { # NAME AS
	awk -v group="[client_$1]" -v as="[client_$2]" '
		{ line = $0; gsub(/^[ \t]+|[ \t]+$/, "", line) }
		line ~ /^\[/ { inside = line == "[client]" ? 1 : line == group ? 2 : 0; found = found || inside == 2; next }
		inside && line != "" && line !~ /^[#;]/ { if (inside == 1) all = all line "\n"; else own = own line "\n" }
		END { if (!found) exit 1; printf "%s\n%s%s\n", as, all, own }' "$config" ||
		die 78 "$config has no group [client_$1]"
}
save_servers() {
	local servers routed
	servers=$(group "$source" source && group "$target" target)
	routed=$servers
	if [ -n "$writer" ]; then # the router's source is the writer, not the writer's replica
		servers+=$'\n'$(group "$writer" writer)
		routed=$(group "$writer" writer && group "$target" target)
	fi
	save my.cnf "$servers"
	save route.cnf "$routed"
}

say_what_next() {
	cat >&2 <<-EOF_NEXT
		mi-import: made $state
		The router that the application connects to is started so, and must run from now on:
		    mi-route -c $state/route.cnf -s $(writer_of_source) -t target ${map:+--map=$map }${filters[*]@Q} --users=$state/users \\
		        --mode-file=$state/mode --control=$state/control --notify=$state/notify --listen=HOST:PORT
		Then: mi-import check $state
	EOF_NEXT
}

do_init() { # WORD...
	init_options "$@"
	make_folder
	[ -r "$config" ] || die 78 "cannot read the option file $config"
	[ -z "$users_file" ] || [ -r "$users_file" ] || die 78 "cannot read the users file $users_file"
	[ "$writer" != "$source" ] || writer=''
	save_servers
	[ -z "$users_file" ] || save users "$(<"$users_file")"
	save mode $'mode source\nepoch 1'
	import=i$(od -An -N6 -tx1 /dev/urandom | tr -d ' \n')
	log_file=$state/log
	set_phase new
	save import.conf "$(declare -p import state_db writer map filters skip_views | sed 's/^declare -[a-z-]* //')"
	mark_activity
	log "made: import $import of ${databases[*]}"
	say_what_next
}

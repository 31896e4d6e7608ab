# Reads follow.conf, which is never sourced as shell code. See mi-follow(1), CONFIGURATION.
# shellcheck shell=bash

conf_fail() { die 64 "$conf_file: line $conf_line_number: $*"; }

once() { # KEY
	[[ $conf_seen != *" $1 "* ]] || conf_fail "$1 is given twice"
	conf_seen+="$1 "
}

bytes_of() { # SIZE
	[[ $1 =~ ^([0-9]{1,9})([KMG]?)$ ]] || return 1
	case ${BASH_REMATCH[2]} in
	K) echo $((BASH_REMATCH[1] << 10)) ;;
	M) echo $((BASH_REMATCH[1] << 20)) ;;
	G) echo $((BASH_REMATCH[1] << 30)) ;;
	*) echo "$((BASH_REMATCH[1]))" ;;
	esac
}

# Sets `option`: "heartbeat" and "2" become --heartbeat=2, "heartbeat" and "" --heartbeat.
tool_option() { # NAME VALUE
	[[ $1 =~ ^[a-z][a-z-]*$ ]] || conf_fail "'$1' is not the name of an option"
	option=--$1${2:+=$2}
}

conf_line() { # KEY VALUE
	case $1 in
	config | source | target | import | flow | log-size | log-keep) once "$1" ;;
	esac
	case $1 in
	config)
		[[ $2 = /* ]] || conf_fail "config is a path from / on"
		conn=(-c "$2")
		;;
	source) source=$2 ;;
	target) target=$2 ;;
	databases) filters+=(-d "$2") ;;
	tables) filters+=(-T "$2") ;;
	exclude) filters+=(-X "$2") ;;
	import) import=$2 ;;
	flow) flow=$2 ;;
	log-size) log_size=$(bytes_of "$2") || conf_fail "'$2' is not a size" ;;
	log-keep)
		[[ $2 =~ ^[0-9]{1,3}$ ]] || conf_fail "'$2' is not a number"
		log_keep=$((10#$2))
		;;
	binlog.*) tool_option "${1#binlog.}" "$2" && binlog_options+=("$option") ;;
	apply.*) tool_option "${1#apply.}" "$2" && apply_options+=("$option") ;;
	*) conf_fail "'$1' is not known" ;;
	esac
}

trim() { # TEXT: into `trimmed`
	trimmed=${1#"${1%%[![:space:]]*}"}
	trimmed=${trimmed%"${trimmed##*[![:space:]]}"}
}

# Calls TAKE with key and value of each line.
conf_lines() { # FILE TAKE
	local line key
	conf_file=$1 conf_line_number=0
	while IFS= read -r line || [ -n "$line" ]; do
		conf_line_number=$((conf_line_number + 1))
		trim "$line"
		case $trimmed in
		'' | '#'*) continue ;;
		*=*) ;;
		*) conf_fail "'$trimmed' is not key = value" ;;
		esac
		line=$trimmed
		trim "${line%%=*}" && key=$trimmed
		trim "${line#*=}"
		[ -n "$trimmed" ] || [[ $key = *.* ]] || conf_fail "$key has no value"
		"$2" "$key" "$trimmed"
	done <"$1"
}

take_setting() { # KEY VALUE
	may_be_set "$1" || conf_fail "$1 is not changed by set"
	settings["$1"]=$2
}
may_be_set() { # KEY
	case $1 in
	apply.* | binlog.* | log-size | log-keep) ;;
	*) return 1 ;;
	esac
}
# A line of follow.conf, unless `set` has given another value.
take_unless_set() { # KEY VALUE
	[ -n "${settings["$1"]+yes}" ] || conf_line "$1" "$2"
}

# Reads $folder/follow.conf, and $folder/follow.set over it, into the variables that pipelines/follow declares.
conf_read() {
	local key
	[ -r "$folder/follow.conf" ] || die 64 "there is no $folder/follow.conf that can be read: see mi-follow(1)"
	[ ! -e "$folder/follow.set" ] || conf_lines "$folder/follow.set" take_setting
	conf_lines "$folder/follow.conf" take_unless_set
	for key in "${!settings[@]}"; do conf_line "$key" "${settings["$key"]}"; done
	[ -n "$import$flow" ] || die 64 "$folder/follow.conf: import or flow is missing"
}

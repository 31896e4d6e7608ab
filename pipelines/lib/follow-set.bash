# set: settings that are changed by a command. See mi-follow(1).
# shellcheck shell=bash

# The setting must be an option of the tool, and its value one that the tool takes.
check_setting() { # KEY VALUE
	local name=${1#*.}
	may_be_set "$1" || die 64 "$1 cannot be changed while it follows: see mi-follow(1)"
	case $1 in
	apply.* | binlog.*) "mi-${1%%.*}" --help | grep -qE -- "--$name\>" || die 64 "mi-${1%%.*} has no option --$name" ;;
	esac
	case $1=$2 in
	apply.on-ddl=stop | apply.on-ddl=skip | apply.on-ddl=apply) ;;
	apply.on-ddl=*) die 64 "$1 is stop, skip or apply" ;;
	log-size=*) bytes_of "$2" >/dev/null || die 64 "'$2' is not a size" ;;
	log-keep=*) [[ $2 =~ ^[0-9]{1,3}$ ]] || die 64 "'$2' is not a number" ;;
	esac
}
save_settings() {
	local key text='# Written by mi-follow set; counts in place of follow.conf.'
	for key in "${!settings[@]}"; do text+=$'\n'"$key = ${settings["$key"]}"; done
	put follow.set "$text"
}

do_set() {
	local key=${setting%%=*} value=''
	[[ $setting != *=* ]] || value=${setting#*=}
	[[ $key =~ ^[a-z][a-z.-]*$ && $setting != *[[:cntrl:]]* ]] || die 64 "'$setting' is not KEY=VALUE"
	[[ $setting != *=* ]] || check_setting "$key" "$value"
	if [ -n "$once" ]; then
		[ "$key:${value:+yes}" = apply.on-ddl:yes ] || die 64 "--once goes with apply.on-ddl=ACTION"
		need_stop --once
		put once "$value@$stopped_at"
		say "$key is $value for transaction $stopped_at alone; go on with mi-follow resume $folder"
		return
	fi
	if [[ $setting = *=* ]]; then settings["$key"]=$value; else unset "settings[$key]"; fi
	save_settings
	! alive "$folder/follow.pid" >/dev/null || say "it counts from the next start on: mi-follow restart $folder"
}

# Numbers of metrics files, with fractions, and how people read them.
# shellcheck shell=bash

# Prints the value of NAME in a metrics file; nothing when the file has none.
metric() { # NAME FILE
	awk -v name="$1" 'index($1, name "{") == 1 || $1 == name { print $2; exit }' "$2" 2>/dev/null || true
}

calc() { awk "BEGIN { printf \"%.${2-1}f\", ($1) }"; }

holds() { awk "BEGIN { exit !($1) }"; }

# Prints seconds as a span, such as 3 days 4:05:06.
span() { # SECONDS
	local s=${1%.*}
	[ "$s" -lt 86400 ] || printf '%d days ' $((s / 86400))
	printf '%d:%02d:%02d' $((s % 86400 / 3600)) $((s % 3600 / 60)) $((s % 60))
}

# Prints a lag as people read it: 0.3 s, 14 s, 1:02:03.
for_people() { # SECONDS
	if holds "$1 < 9.95"; then
		printf '%s s' "$(calc "$1" 1)"
	elif holds "$1 < 119.5"; then
		printf '%s s' "$(calc "$1" 0)"
	else
		span "$1"
	fi
}

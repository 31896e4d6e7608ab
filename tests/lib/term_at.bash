# For $BASH_ENV of a pipeline under test: sends TERM to the script $TERM_IN just before one of its own commands, the
# one with number $TERM_AT from the first that matches the pattern $TERM_FROM on, and makes the file $TERM_SENT then.
if [ "${0##*/}" = "$TERM_IN" ]; then
	term_count=0
	term_before() {
		[ "$BASHPID" = "$$" ] || return 0
		# shellcheck disable=SC2254 # a pattern
		case $term_count:$BASH_COMMAND in 0:$TERM_FROM | [1-9]*) term_count=$((term_count + 1)) ;; esac
		[ "$term_count" -eq "$TERM_AT" ] || return 0
		term_count=$((term_count + 1))
		: >"$TERM_SENT"
		kill -TERM "$$"
	}
	set -T
	trap term_before DEBUG
fi

#!/usr/bin/env bats
# --help and the manual pages say the same.
# shellcheck disable=SC2030,SC2031,SC2016

. "$BATS_TEST_DIRNAME/lib/helper.bash"

# The long options that --help prints.
options_in_help() {
	grep -oE '^ +(-.,)? *--[a-z-]+' <<<"$1" | grep -oE -- '--[a-z-]+' | sort -u
}

# The long options that a page describes: .Fl Fl name at the head of an item.
options_in_page() {
	grep -E '^\.It ' "$1" | grep -oE 'Fl Fl [a-z-]+' | sed 's/Fl Fl /--/' | sort -u
}

tools() {
	local tool
	for tool in "$MI_BIN"/mi-*; do echo "$tool"; done
	for tool in "$ROOT"/pipelines/*; do [ ! -f "$tool" ] || echo "$tool"; done
}

page_of() {
	local name=${1##*/}
	echo "$ROOT/man/mi-${name#mi-}.1"
}

@test "every tool has a page, and every page's options are those of --help" {
	local tool page failed=0
	for tool in $(tools); do
		page=$(page_of "$tool")
		[ -r "$page" ] || fail "no page for $tool"
		run_ok "$tool" --help
		if ! diff <(options_in_help "$output") <(options_in_page "$page") >"$BATS_TEST_TMPDIR/diff"; then
			echo "${tool##*/}: < only in --help, > only in the page" >&2
			cat "$BATS_TEST_TMPDIR/diff" >&2
			failed=1
		fi
	done
	return $failed
}

# What --help says is the default of each option: "--batch 2000" a line. Those of connecting are one
# item of most pages, which names mi(7).
defaults_in_help() {
	sed -nE 's/^ +(-.,)? *(--[a-z-]+)=.*\(default ([^:, )]+)\)$/\2 \3/p' <<<"$1" |
		grep -vE '^--(config|port) '
}

# The text of an option's item in a page, macros and all.
item_in_page() { # PAGE --OPTION
	awk -v "want=Fl Fl ${2#--}" '
		/^\.(It|El|S[hs])/ { inside = 0 }
		/^\.It / && index($0 " ", want " ") { inside = 1; next }
		inside' "$1"
}

# Does standard input say "default ... VALUE", or "VALUE ... (the default)" a few words apart?
says_default() { # VALUE
	local no='[^0-9a-z]'
	grep -qiE "default.*$no$1($no|\$)|(^|$no)$1$no.{0,20}default"
}

@test "every default that --help prints is the page's" {
	local tool page option default checked=0
	for tool in "$MI_BIN"/mi-*; do
		page=$(page_of "$tool")
		run_ok "$tool" --help
		while read -r option default; do
			item_in_page "$page" "$option" | tr '\n' ' ' | says_default "$default" ||
				fail "${page##*/} does not say that the default of $option is $default"
			checked=$((checked + 1))
		done < <(defaults_in_help "$output")
	done
	[ "$checked" -gt 30 ]
}

@test "every page has the sections that a reader looks for" {
	local page section
	for page in "$ROOT"/man/*.1; do
		for section in NAME SYNOPSIS DESCRIPTION OPTIONS 'EXIT STATUS' EXAMPLES 'SEE ALSO'; do
			grep -q "^\.Sh $section\$" "$page" || fail "$page lacks $section"
		done
	done
}

@test "pages refer only to pages that exist" {
	local name section
	while read -r name section; do
		case $name in
		mi | mi-*) [ -r "$ROOT/man/$name.$section" ] || fail "no page $name($section)" ;;
		esac
	done < <(sed -n 's/^\.Xr \([a-z-]*\) \([0-9]\).*/\1 \2/p' "$ROOT"/man/* | sort -u)
}

@test "--version and unknown options" {
	local tool
	for tool in "$MI_BIN"/mi-*; do
		run_ok "$tool" --version
		[[ $output == "${tool##*/} "[0-9]* ]] || fail "$output"
		run_exit 64 "$tool" --no-such-option
		contains "$stderr" "--help"
	done
}

@test "a password on the command line is refused with the reason" {
	run_exit 64 mi-dump --password=secret
	contains "$stderr" "option file"
	lacks "$stderr" secret
}

@test "paths that README names exist" {
	local path
	while read -r path; do
		[ -e "$ROOT/$path" ] || fail "README names $path"
	done < <(grep -oE '`(tools|lib|pipelines|scripts|tests|man)/[a-zA-Z0-9_./-]*`' "$ROOT/README.md" | tr -d '\140' | sort -u)
}

@test "paths that lib/README.md names exist, in lib or in the project, and every folder of lib has its line" {
	local path
	while read -r path; do
		[ -e "$ROOT/lib/$path" ] || [ -e "$ROOT/$path" ] || fail "lib/README.md names $path"
	done < <(grep -oE '`[a-z]+(/[a-zA-Z0-9_.-]+)*`' "$ROOT/lib/README.md" | tr -d '\140' | grep -vE '^(commit|make)$' | sort -u)
	while read -r path; do
		grep -q "\`$path\`" "$ROOT/lib/README.md" || fail "lib/README.md lacks $path"
	done < <(cd "$ROOT/lib" && find . -name '*.c' -printf '%h\n' | sed 's/^..//' | sort -u)
}

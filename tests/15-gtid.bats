#!/usr/bin/env bats
# mi-gtid without a server.
# shellcheck disable=SC2030,SC2031,SC2016

. "$BATS_TEST_DIRNAME/lib/helper.bash"

U=3e11fa47-71ca-11e1-9e33-c80aa9429562

@test "nonsense is refused with the place" {
	run_exit 64 mi-gtid
	run_exit 64 mi-gtid divide a b
	run_exit 64 mi-gtid equal "$U:1"
	run_exit 64 mi-gtid print "$U:1,oops"
	contains "$stderr" "'oops'"
	run_exit 64 mi-gtid subtract 0-1-5 0-1-4
	run_exit 64 mi-gtid union 0-1-5 "$U:1"
	run_exit 64 mi-gtid count 0-1-5
	run_exit 74 mi-gtid print @no-such-file
}

@test "answers are exit codes" {
	run_exit 0 mi-gtid contains "$U:1-5" "$U:2-3"
	run_exit 1 mi-gtid contains "$U:1-5" "$U:5-6"
	run_exit 0 mi-gtid equal "$U:1-5" "$U:1-3:4-5"
	run_exit 1 mi-gtid equal "" "$U:1"
	run_exit 0 mi-gtid contains 0-1-5 0-2-5
	run_exit 1 mi-gtid contains 0-1-5 0-1-5,1-1-1
}

@test "results are printed in the normal form" {
	run_ok mi-gtid union "${U^^}:5" "$U:1-4"
	equal "$output" "$U:1-5"
	run_ok mi-gtid subtract "$U:1-5" "$U:2-3"
	equal "$output" "$U:1:4-5"
	run_ok mi-gtid intersect 0-1-9,1-1-3 0-2-7
	equal "$output" "0-2-7"
	run_ok mi-gtid count "$U:1-5:8"
	equal "$output" 6
}

@test "sets come from files and from standard input, as servers print them" {
	cd "$BATS_TEST_TMPDIR" || return
	printf '%s:1-3,\n%s:7\n' "$U" "${U/3e/4e}" >one.set
	run_ok mi-gtid print @one.set
	equal "$output" "$U:1-3,${U/3e/4e}:7"
	run_ok mi-gtid equal @one.set @- <one.set
	run_exit 0 mi-gtid contains @one.set ""
}

@test "a set of many sources, far over 10 kB" {
	cd "$BATS_TEST_TMPDIR" || return
	python3 - <<-'PY'
		import uuid
		ids = sorted(str(uuid.uuid5(uuid.NAMESPACE_DNS, str(n))) for n in range(5000))
		open('many', 'w').write(',\n'.join(i.upper() + ':1-7:9' for i in reversed(ids)))
		open('want', 'w').write(','.join(i + ':1-7:9' for i in ids) + '\n')
	PY
	mi-gtid print @many >got
	cmp got want
	run_ok mi-gtid count @many
	equal "$output" 40000
}

@test "tags are sources of their own" {
	run_exit 64 mi-gtid print "$U:1tag:1"
	run_exit 64 mi-gtid print "$U:tag"
	run_exit 64 mi-gtid print "$U:$(printf 'x%.0s' {1..33}):1"
	run_ok mi-gtid print "$U:1-3:Tag_2:1-5:7:a:9"
	equal "$output" "$U:1-3,$U:a:9,$U:tag_2:1-5:7"
	run_exit 1 mi-gtid contains "$U:1-9" "$U:tag:1"
	run_exit 0 mi-gtid contains "$U:1-9:tag:1-2" "$U:tag:1"
	run_ok mi-gtid subtract "$U:1-9:tag:1-9" "$U:tag:2-8"
	equal "$output" "$U:1-9,$U:tag:1:9"
	run_ok mi-gtid count "$U:1-9:tag:1-9"
	equal "$output" 18
}

@test "a set that cannot be written whole is an error" {
	run_exit 74 bash -c "mi-gtid print '$U:1' >/dev/full"
}

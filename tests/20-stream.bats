#!/usr/bin/env bats
# Streams without a server: mi-cat on good and on damaged input, and other programs on good input.
# shellcheck disable=SC2030,SC2031,SC2016

. "$BATS_TEST_DIRNAME/lib/helper.bash"

setup() {
	mk=$MI_BIN/../unit/mk_stream
	cd "$BATS_TEST_TMPDIR" || return
	"$mk" 5 20 > good.mi
}

@test "an empty input is refused" {
	run_exit 65 mi-cat < /dev/null
	[[ $stderr == *"input is empty"* ]]
}

@test "text that is no stream is refused, and gzip that is no stream" {
	run_exit 65 mi-cat <<< "SELECT 1"
	[[ $stderr == *"frame 0 at byte 0"* ]]
	head -c 200 /dev/zero | gzip > other.gz
	run_exit 65 mi-cat other.gz
	[[ $stderr == *"not a frame"* ]]
}

@test "a missing file is an I/O error" {
	run_exit 74 mi-cat no-such-file
}

@test "a stream cut between frames is named as incomplete" {
	size=$(stat -c %s good.mi)
	# the END frame is the last one: cut it off whole
	python3 - good.mi cut.mi <<-'PY'
		import struct, sys
		data = open(sys.argv[1], 'rb').read()
		at = 0
		while at < len(data):
		    last = at
		    at += struct.unpack_from('<I', data, at + 40)[0]
		open(sys.argv[2], 'wb').write(data[:last])
	PY
	[ "$(stat -c %s cut.mi)" -lt "$size" ]
	run_exit 65 mi-cat --check cut.mi
	[[ $stderr == *"without END"* ]]
	zcat cut.mi > /dev/null # gzip itself has nothing to complain about
}

@test "a stream cut inside a frame is named with its place" {
	head -c 700 good.mi > cut.mi
	run_exit 65 mi-cat --check cut.mi
	[[ $stderr =~ "frame "[0-9]+" at byte "[0-9]+ ]]
}

@test "a newer format version asks for a newer tool" {
	python3 - good.mi new.mi <<-'PY'
		import sys, zlib
		data = bytearray(open(sys.argv[1], 'rb').read())
		data[16] = 2
		size = int.from_bytes(data[40:44], 'little')
		seal = zlib.crc32(data[16:48], zlib.crc32(data[52:size]))
		data[48:52] = seal.to_bytes(4, 'little')
		open(sys.argv[2], 'wb').write(data)
	PY
	run_exit 65 mi-cat --check new.mi
	[[ $stderr == *"version is not 1"*"newer version"* ]]
}

@test "--check is silent on a good stream" {
	run_exit 0 mi-cat --check good.mi
	[ -z "$output$stderr" ]
}

@test "two streams in one input are both read" {
	cat good.mi good.mi > two.mi
	run_exit 0 mi-cat --stats two.mi
	[[ $output == *"streams 2 tables 2 statements 0 chunks 4 rows 10"* ]]
}

@test "lines show every record, with control characters escaped" {
	run_exit 0 mi-cat good.mi
	[ "$(grep -c '^row ' <<< "$output")" -eq 5 ]
	[[ $output == *"begin"* ]] && return 1
	[[ $output == *'\x0d\n'* ]]
	lacks "$output" $'\r'
	[[ ${lines[0]} == "stream rows of mysql 9.7.4"* ]]
	[[ ${lines[-1]} == "end tables 1 chunks 2 rows 5 "* ]]
}

@test "a hostile stream cannot drive the terminal: every text of a line is escaped" {
	printf '%s\n' $'stream\tevents\ti\\x1b[2J\t\t\tmysql\\x1b[2J' $'begin\tg\\x1b[2J' commit $'skip\ts\\x1b[2J' $'past\tp\\x1b[2J\tw\\x1b[2J' end |
		"$MI_BIN/../unit/mk_lines" >hostile.mi
	run_exit 0 mi-cat hostile.mi
	lacks "$output" $'\e'
	contains "$output" 'begin g\x1b[2J'
	contains "$output" 'skip s\x1b[2J'
	contains "$output" 'past p\x1b[2J w\x1b[2J'
}

@test "--csv gives what Python's csv module reads, NULL and empty apart" {
	run_exit 64 mi-cat --csv good.mi
	run_exit 65 mi-cat --csv --table=shop.nothing good.mi
	mi-cat --csv --table=shop.goods good.mi > goods.csv
	python3 - <<-'PY'
		import csv, re
		rows = list(csv.reader(open('goods.csv', encoding='latin1', newline='')))
		assert rows[0] == ['id', 'name', 'data'], rows[0]
		assert [r[0] for r in rows[1:]] == ['1', '2', '3', '4', '5'], rows
		assert rows[1][1] == '' and rows[3][1] == ''
		assert rows[2][1] == 'a "q",\r\n\xf0\x9f\x99\x82 ', rows[2]
		raw = open('goods.csv', 'rb').read()
		assert re.search(rb'^1,"",', raw, re.M), 'the empty string is quoted'
		assert re.search(rb'^3,,', raw, re.M), 'NULL is not'
		assert all(len(r[2]) == 20 for r in rows[1:])
	PY
	mi-cat --csv --no-names --table=goods good.mi | head -1 | grep -q '^1,'
}

@test "gzip, zcat and Python read a good stream" {
	gzip -t < good.mi
	zcat good.mi > text
	head -1 text | grep -q '^MI,1,"rows",'
	tail -1 text | grep -q '^END,1,2,5,0,0$'
	python3 - <<-'PY'
		import csv, gzip
		text = gzip.open('good.mi').read().decode('latin1')
		assert text == open('text', encoding='latin1', newline='').read()
		rows = list(csv.reader(text.splitlines(True)))
		assert sum(r[0] == 'R' for r in rows) == 5, rows
	PY
}

@test "long records go over frames, at every level" {
	for level in 0 1 9; do
		"$mk" 2 9000000 $level > long.mi
		gzip -t < long.mi
		run_exit 0 mi-cat --stats long.mi
		[[ $output == *"rows 2 "* ]]
		mi-cat --csv --no-names --table=goods long.mi | md5sum > sum.$level
	done
	cmp sum.0 sum.1
	cmp sum.0 sum.9
}

@test "a reader that goes away is noticed" {
	"$mk" 200000 > big.mi
	run bash -c 'mi-cat big.mi | head -1; exit ${PIPESTATUS[0]}'
	[ "$status" -eq 74 ]
}

@test "memory does not grow with the stream" {
	[[ $MI_BIN != */san/* ]] || skip "sanitizers reserve address space of their own"
	"$mk" 2000000 30 > big.mi
	/usr/bin/env bash -c 'ulimit -v 65536; exec mi-cat --check big.mi'
}

#!/usr/bin/env bats
# mi-gtid against what a real server says of the same sets. SEED=n repeats a run.

. "$BATS_TEST_DIRNAME/lib/helper.bash"
. "$BATS_TEST_DIRNAME/lib/server.bash"

servers s:mysql

# pairs SEED COUNT: lines "A;B" of random sets: few ids and small numbers, so that they meet; tags,
# upper case, intervals in any order, blanks, some empty, some with the greatest number.
pairs() {
	python3 - "$1" "$2" <<-'PY'
		import random, sys
		r = random.Random(int(sys.argv[1]))
		ids = ['%08x-0000-1111-2222-%012x' % (r.getrandbits(32), r.getrandbits(48)) for _ in range(4)]
		tags = ['', 'a', 'b_2', 'x' * 32]
		top = 2 ** 63 - 2
		def interval():
		    if r.random() < 0.03:
		        return '%d-%d' % (top - r.randint(0, 3), top)
		    first = r.randint(1, 40)
		    return '%d-%d' % (first, first + r.randint(0, 12)) if r.random() < 0.7 else str(first)
		def element():
		    uuid = r.choice(ids)
		    text = uuid.upper() if r.random() < 0.2 else uuid
		    for _ in range(r.randint(1, 3)):
		        tag = r.choice(tags)
		        text += ':' + tag if tag else ''
		        for _ in range(r.randint(1, 4)):
		            text += r.choice([':', ' : ', ':']) + interval()
		    return text
		def whole():
		    return r.choice([',', ', ', ',']).join(element() for _ in range(r.randint(0, 5)))
		for _ in range(int(sys.argv[2])):
		    print(whole() + ';' + whole())
	PY
}

@test "what the server prints is read, and what mi-gtid prints the server reads" {
	local set="3e11fa47-71ca-11e1-9e33-c80aa9429562:1-3:foo:1-5:7:zed:9" printed
	set+=",ffffffff-0000-0000-0000-000000000001:9223372036854775806"
	run_ok sql s "RESET BINARY LOGS AND GTIDS; SET GLOBAL gtid_purged='$set'; SELECT @@gtid_executed"
	printed=$output
	run_ok mi-gtid equal "$printed" "$set"
	run_ok mi-gtid print "$printed"
	run_ok sql s "RESET BINARY LOGS AND GTIDS; SET GLOBAL gtid_purged='$output'; SELECT @@gtid_executed"
	equal "$output" "$printed"
}

@test "random sets: subset, difference and union are the server's own" {
	local seed=${SEED:-$RANDOM} a b subset difference joined status
	echo "SEED=$seed"
	cd "$BATS_TEST_TMPDIR"
	pairs "$seed" 200 >both
	awk -F ';' '{
		gsub(/[^;]*/, "\047&\047")
		printf "SELECT CONCAT_WS(\047;\047, GTID_SUBSET(%s, %s),", $2, $1
		printf " REPLACE(GTID_SUBTRACT(%s, %s), CHAR(10), \047\047),", $1, $2
		printf " REPLACE(GTID_SUBTRACT(CONCAT_WS(\047,\047, %s, %s), \047\047),", $1, $2
		print " CHAR(10), \047\047));"
	}' both | sql s >answers
	equal "$(wc -l <answers)" 200
	while IFS=';' read -r a b && IFS=';' read -r subset difference joined <&3; do
		status=0
		mi-gtid contains "$a" "$b" || status=$?
		[ $status -eq $((1 - subset)) ] || fail "contains: '$a' '$b'"
		mi-gtid print "$difference" >want
		mi-gtid subtract "$a" "$b" >got
		cmp got want || fail "subtract: '$a' '$b'"
		mi-gtid print "$joined" >want
		mi-gtid union "$a" "$b" >got
		cmp got want || fail "union: '$a' '$b'"
	done <both 3<answers
}

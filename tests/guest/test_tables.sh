#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# moectl table: rows shown, changed, loaded, all or nothing. Cases are the
# functions test_*; check: limit=600 slow

set -u

# shellcheck source=tests/clients/cases.sh
. tests/clients/cases.sh

trap 'rm -rf "$tmp"; modprobe -r moeai_test' EXIT

# ---- helpers ----------------------------------------------------------------------

rows() { moectl table test.rows --tab; }

# Whatever stood there, test.rows has two rows now.
begin() {
	modprobe moeai_test
	moectl table test.rows confirm >"$tmp/out" 2>&1 || true
	moectl table test.rows flush >"$tmp/out"
	moectl table test.rows add id=10 name=ten size=10 >"$tmp/out"
	moectl table test.rows add id=11 name='ele ven' >"$tmp/out"
	old=$(rows)
	same $'10\tten\t10\n11\tele ven\t' "$old"
}

# A command that fails with STATUS, says TEXT, and changes nothing.
refused() { # STATUS TEXT COMMAND...
	local status=$1 text=$2 got=0
	shift 2
	"$@" >"$tmp/out" 2>"$tmp/err" </dev/null || got=$?
	[ "$got" = "$status" ] || fail "exit status $got of: $* : $(cat "$tmp/err")"
	same '' "$(cat "$tmp/out")"
	has "$(cat "$tmp/err")" "$text"
	has "$(head -n 1 "$tmp/err")" 'moectl: '
	same "$old" "$(rows)"
}

# Those of a file: the whole text counts.
load_refused() { # WHERE-AND-WHAT LINE...
	local text=$1
	shift
	printf '%s\n' "$@" >"$tmp/rows"
	refused 1 '' moectl table test.rows load "$tmp/rows"
	same "moectl: $tmp/rows:$text" "$(cat "$tmp/err")"
	! moectl table test.rows load - --flush <"$tmp/rows" 2>"$tmp/err" || fail 'it is loaded'
	same "moectl: standard input:$text" "$(cat "$tmp/err")"
	same "$old" "$(rows)"
}

terminal() { # COMMAND
	COLUMNS=80 TERM=xterm PAGER=${PAGER-} script -qec "$1" /dev/null </dev/null
}

transactions() { moectl table subscribers --where kind=transaction | wc -l; }

# ---- showing ----------------------------------------------------------------------

test_where() {
	local text
	begin
	same $'10\tten\t10' "$(moectl table test.rows --where id=10)"
	same $'11\tele ven\t' "$(moectl table test.rows -w 'name=ele ven' -w id=11)"
	same $'11\tele ven\t' "$(moectl table test.rows --where size=)"
	same '' "$(moectl table test.rows --where id=10 --where 'name=ele ven')"
	moectl table test.rows --where id=11 --json | tr -d '\n' | json 'x == [{"id": 11, "name": "ele ven", "size": None}]'
	moectl table test.rows --where id=12 --json | tr -d '\n' | json 'x == []'
	has "$(moectl table test.rows --where id=10 --pretty)" 'ID NAME'
	has_not "$(moectl table test.rows --where id=10 --pretty)" 'ele ven'
	text=$(moectl table fields --where kind=args --where owner=core.ping)
	same 2 "$(wc -l <<<"$text")"
	same "$(moectl table fields | awk -F'\t' '$1 == "args" && $2 == "core.ping"')" "$text"
	refused 1 "table test.rows has no column 'ids', but id, name, size" \
		moectl table test.rows --where id=10 --where ids=1
	refused 1 "did you mean 'test.rows'" moectl table test.row --where id=1
}

# "11" has no size, which is last both ways.
test_sort() {
	begin
	moectl table test.rows add id=3 name=three size=500
	old=$(rows)
	same '3 10 11' "$(moectl table test.rows --sort id | cut -f 1 | paste -s -d ' ')"
	same '11 10 3' "$(moectl table test.rows --sort=-id | cut -f 1 | paste -s -d ' ')"
	same '10 3 11' "$(moectl table test.rows --sort size | cut -f 1 | paste -s -d ' ')"
	same '3 10 11' "$(moectl table test.rows --sort=-size | cut -f 1 | paste -s -d ' ')"
	moectl table test.rows --sort name --where size=500 --json | tr -d '\n' |
		json 'len(x) == 1 and x[0]["id"] == 3'
	moectl table test.rows --sort=-size --json | tr -d '\n' |
		json '[row["id"] for row in x] == [3, 10, 11]'
	same 'ID 3 10 11' "$(moectl table test.rows --sort=-size --pretty | awk '{ print $1 }' |
		paste -s -d ' ')"
	refused 1 "table test.rows has no column 'sizes', but id, name, size" \
		moectl table test.rows --sort=-sizes
}

# What does not fit on a terminal goes to the pager, and nothing else does.
test_pager() {
	local few='moectl table test.rows' many='moectl table fields'
	begin
	has "$(LINES=20 PAGER='sed s/^/page:/' terminal "$many")" 'page:KIND'
	has_not "$(LINES=20 PAGER='sed s/^/page:/' terminal "$few")" 'page:'
	has_not "$(LINES=20 PAGER='sed s/^/page:/' terminal "$many | cat")" 'page:'
	has_not "$(LINES=20 PAGER='sed s/^/page:/' terminal "$many --json")" 'page:'
	has "$(LINES=20 PAGER='' terminal "$many")" 'core.ping'
	# One that is left early, and one that is not there.
	same 'yes' "$(LINES=20 PAGER='head -n 1 >/dev/null' terminal "$many && echo yes" | tr -d '\r')"
	has "$(LINES=20 PAGER=/no/such terminal "$many")" 'core.ping'
}

test_usage() {
	begin
	refused 2 'COLUMN=VALUE' moectl table test.rows --where id
	refused 2 'COLUMN=VALUE' moectl table test.rows --where =1
	refused 2 'showing' moectl table --where id=1
	refused 2 'showing' moectl table test.rows flush --where id=1
	refused 2 'showing' moectl table test.rows flush --sort id
	refused 2 'none of add' moectl table test.rows insert id=1
	refused 2 'which row' moectl table test.rows add
	refused 2 'key=value' moectl table test.rows add id
	refused 2 'too much' moectl table test.rows flush now
	refused 2 'too much' moectl table test.rows load a b
	refused 2 'which file' moectl table test.rows load
	refused 2 'for load' moectl table test.rows add id=1 --flush
	refused 2 'for load' moectl table test.rows --replace
	refused 2 'for changing' moectl table test.rows --confirm 5
	refused 2 'for changing' moectl table test.rows rollback --confirm 5
	for one in 0 -1 x 86401 25h; do
		refused 2 "--confirm $one" moectl table test.rows flush --confirm=$one
	done
}

# ---- one row -----------------------------------------------------------------------

test_changes() {
	begin
	same $'table\ttest.rows\nwhat\tcommitted\nchanged\t1' \
		"$(moectl table test.rows add id=1 name='o"n\e' size=64K | grep -v generation)"
	same $'1\to"n\\\\e\t65536\n'"$old" "$(rows)"
	same 'table test.rows: 1 row changed' \
		"$(moectl table test.rows replace id=1 name=one --pretty)"
	same $'1\tone\t\n'"$old" "$(rows)"
	moectl table test.rows delete id=1 --json |
		json 'x["table"] == "test.rows" and x["what"] == "committed" and
			x["changed"] == 1 and x["generation"] > 0 and "confirm" not in x'
	same "$old" "$(rows)"
	same 'table test.rows: 2 rows changed' "$(moectl table test.rows flush --pretty)"
	same '' "$(rows)"
}

test_refused() {
	begin
	refused 1 "table test.rows: size: '1x' is not a number: bytes, like 4096, 64K, 16M" \
		moectl table test.rows add id=1 name=n size=1x
	refused 1 'table test.rows: colour: there is no such column, only id, name, size' \
		moectl table test.rows add id=1 colour=red
	refused 1 'table test.rows: name: missing' moectl table test.rows add id=1
	refused 1 'table test.rows: id: missing' moectl table test.rows delete name=ten
	refused 1 'table test.rows: this name is forbidden' moectl table test.rows add id=1 name=forbidden
	refused 1 'table test.rows: a row with this key is there already' moectl table test.rows add id=10 name=n
	refused 1 'table test.rows: no row with this key' moectl table test.rows delete id=1
	refused 1 "table modules: this table can't be changed" moectl table modules flush
	refused 1 "did you mean 'test.rows'" moectl table test.row add id=1
	refused 1 "did you mean 'test.rows'" moectl table test.row rollback
	refused 1 CAP_NET_ADMIN nobody moectl table test.rows flush
	refused 1 CAP_NET_ADMIN nobody moectl table test.rows rollback
}

test_confirm() {
	local text window=$((3 * ${PATIENCE:-1}))
	begin
	refused 1 'no change of this table awaits confirmation' moectl table test.rows confirm
	text=$(moectl table test.rows flush --confirm 60 --pretty)
	same "table test.rows: 2 rows changed, to be undone in 60 s; 'moectl table test.rows confirm' keeps it" "$text"
	same '' "$(rows)"
	! moectl table test.rows add id=1 name=n 2>"$tmp/err" || fail 'a change upon another'
	has "$(cat "$tmp/err")" 'awaits its confirmation'
	same 'table test.rows: the change is rolled back' "$(moectl table test.rows rollback --pretty)"
	same "$old" "$(rows)"
	moectl table test.rows delete id=10 --confirm $window --json |
		json "x['confirm'] == $window"
	same $'11\tele ven\t' "$(rows)"
	sleep $window.3
	same "$old" "$(rows)"
	echo 'id=5 name=five' >"$tmp/rows"
	moectl table test.rows load "$tmp/rows" --flush --confirm ${window}s >"$tmp/out"
	same $'5\tfive\t' "$(rows)"
	moectl table test.rows confirm --json | json 'x == {"table": "test.rows", "what": "confirmed"}'
	sleep $window.3
	same $'5\tfive\t' "$(rows)"
}

# ---- files --------------------------------------------------------------------------

test_load() {
	begin
	cat >"$tmp/rows" <<-'END'
		# what there is
		id=1 name="a \"b\" \\"   size=64K

		  name='c d # e' id=0x2 # yes
		id=3 name=f\tg # a comment
	END
	printf 'id=4\tname=last\r\nid=5 name=""' >>"$tmp/rows"
	moectl table test.rows load "$tmp/rows" --json | json 'x["changed"] == 5'
	same $'1\ta "b" \\\\\t65536\n2\tc d # e\t\n3\tf\\tg\t\n4\tlast\t\n5\t\t\n'"$old" "$(rows)"
	old=$(rows)
	refused 1 "$tmp/rows:2:1: a row with this key is there already" \
		moectl table test.rows load "$tmp/rows"
	same 'table test.rows: 1 row changed' \
		"$(echo id=4 name=four | moectl table test.rows load - --replace --pretty)"
	has "$(rows)" $'4\tfour\t'
	same 'table test.rows: 9 rows changed' \
		"$(printf 'id=9 name=a\nid=8 name=b\n' | moectl table test.rows load --flush - --pretty)"
	same $'8\tb\t\n9\ta\t' "$(rows)"
	# Nothing is nothing; but the whole table, if that was asked for.
	moectl table test.rows load /dev/null --json | json 'x["changed"] == 0'
	same $'8\tb\t\n9\ta\t' "$(rows)"
	moectl table test.rows load /dev/null --flush --json | json 'x["changed"] == 2'
	same '' "$(rows)"
}

test_load_refused() {
	begin
	load_refused "4:17: size: '1x' is not a number: bytes, like 4096, 64K, 16M" \
		'id=1 name=n' '' '# comment' 'id=2 name="a b" size=1x' 'id=1 name=n'
	load_refused '2:8: colour: there is no such column, only id, name, size' \
		'id=1 name=n' '  id=2 colour=red'
	load_refused '1:6: size: 4096G is out of range: 0 to 1099511627776' 'id=1 size=4096G name=n'
	load_refused '3:6: name: 32 bytes are out of range: 0 to 31' \
		'id=1 name=n' '' 'id=2 name=12345678901234567890123456789012'
	load_refused '2:1: name: missing' 'id=1 name=n' ' id=2 size=4'
	load_refused '1:1: id: missing' 'name=n'
	load_refused '3:1: this name is forbidden' '' 'id=1 name=n' 'id=2 name=forbidden' 'id=3 name=n'
	load_refused "2:6: 'name' is not key=value" 'id=1 name=n' 'id=2 name'
	load_refused '2:11: this quote is not closed' 'id=1 name=n' 'id=2 name="n' 'id=3 name=n'
	load_refused "1:13: 'id' is given twice" 'id=1 name=n id=2'
	load_refused '2:1: a row with this key is there already' 'id=1 name=n' 'id=1 name=n'
	printf 'id=1 name=a\0b\n' >"$tmp/rows"
	refused 1 "rows:1:12: a NUL byte" moectl table test.rows load "$tmp/rows"
	refused 1 'No such file' moectl table test.rows load "$tmp/none"
	refused 1 'directory' moectl table test.rows load "$tmp"
	refused 1 'table test.few: the table is full' moectl table test.few load <(seq 5 |
		sed 's/.*/id=& name=n/')
	echo 'id=1 name=n' >"$tmp/rows"
	chmod 755 "$tmp"
	refused 1 CAP_NET_ADMIN nobody moectl table test.rows load "$tmp/rows"
}

# Far behind the message that it is in, and among comments.
test_load_refused_late() {
	local i
	begin
	for i in {1..3000}; do
		echo "id=$((i + 100)) name=row"
		[ $((i % 7)) -ne 0 ] || echo "# $i"
	done >"$tmp/rows"
	sed -i '1500s/.*/id=11 name=row/' "$tmp/rows"
	refused 1 "$tmp/rows:1500:1: a row with this key is there already" \
		moectl table test.rows load "$tmp/rows"
	sed -i '1500s/.*/id=99 name=forbidden/' "$tmp/rows"
	refused 1 "$tmp/rows:1500:1: this name is forbidden" moectl table test.rows load "$tmp/rows"
	sed -i '1500s/.*/id=99 name=row size=5 size=6/' "$tmp/rows"
	refused 1 "$tmp/rows:1500:23: 'size' is given twice" moectl table test.rows load "$tmp/rows"
}

# In the middle of a load.
test_killed() {
	local pid signal
	begin
	mkfifo "$tmp/fifo"
	for signal in KILL TERM; do
		moectl table test.rows load "$tmp/fifo" --flush &
		pid=$!
		exec 9>"$tmp/fifo"
		seq 1000 9000 | sed 's/.*/id=& name=n/' >&9
		until [ "$(transactions)" = 1 ]; do sleep 0.1; done
		same "$old" "$(rows)"
		kill -$signal $pid
		! wait $pid || fail 'killed, and 0'
		exec 9>&-
		same 0 "$(transactions)"
		same "$old" "$(rows)"
	done
}

# Seen on a terminal, gone in the end; not elsewhere.
test_progress() {
	local text
	begin
	seq 1000 40000 | sed 's/.*/id=& name=n/' >"$tmp/rows"
	text=$(terminal "moectl table test.rows load $tmp/rows --flush")
	has "$text" '100% 39001 rows, now all at once'
	has "$text" $'\r\e[K[####'
	has "$text" $'\r\e[Ktable test.rows: 39003 rows changed'
	text=$(terminal "moectl table test.rows load - --flush <$tmp/rows 2>&1 | cat")
	has_not "$text" $'\e'
	text=$(terminal "cat $tmp/rows | moectl table test.rows load -  --replace --json")
	has "$text" '39001 rows, now all at once'
	has_not "$text" '%'
	text=$(terminal "echo id=1 name >>$tmp/rows; moectl table test.rows load --replace $tmp/rows") || true
	has "$text" $'\r\e[Kmoectl: '"$tmp/rows:39002:6: 'name' is not key=value"
}

# Many rows, in no order. The library is tried with a million: T=txn.million
test_many() {
	local pid peak started
	begin
	awk 'BEGIN { for (i = 0; i < 200000; i++)
		printf "id=%d name=\"row %d\" size=%d\n", i * 7919 % 200000, i, i }' >"$tmp/rows"
	started=$EPOCHREALTIME
	moectl table test.rows load "$tmp/rows" --flush --json >"$tmp/out" &
	pid=$!
	while kill -0 $pid 2>/dev/null; do
		peak=$(awk '/^VmHWM/ { print $2 }' /proc/$pid/status 2>/dev/null) || true
		[ -z "$peak" ] || echo "$peak" >"$tmp/peak"
		sleep 0.2
	done
	wait $pid || fail 'it is refused'
	json 'x["changed"] == 200002' <"$tmp/out"
	awk -v a="$started" -v b="$EPOCHREALTIME" -v peak="$(cat "$tmp/peak")" 'BEGIN {
		printf "200000 rows: %.1f s, moectl %d KiB at most\n", b - a, peak }' >/dev/kmsg
	[ "$(cat "$tmp/peak")" -lt 16384 ] || fail 'moectl took more than 16 MiB'
	rows >"$tmp/got"
	same 200000 "$(wc -l <"$tmp/got")"
	awk -F'\t' '$1 != NR - 1 || $3 * 7919 % 200000 != $1 || $2 != "row " $3 { exit 1 }' \
		"$tmp/got" || fail 'the rows are others'
	moectl table test.rows flush --json | json 'x["changed"] == 200000'
}

run_cases

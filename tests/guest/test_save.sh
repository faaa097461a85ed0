#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# moectl save and restore, of net_guard's rules, of a third-party module's table
# and of parameters. Cases are the functions test_*; check: limit=900 slow

set -u

# shellcheck source=tests/clients/cases.sh
. tests/clients/cases.sh

modules=(moeai_net_guard moeai_hello moeai_test)
trap 'rm -rf "$tmp"; modprobe -r -a "${modules[@]}" moeai_fs_logger 2>/dev/null' EXIT

# ---- helpers ----------------------------------------------------------------------

quietly() { "$@" >"$tmp/quiet" 2>&1 || fail "$*: $(cat "$tmp/quiet")"; }

# All modules anew, with a few things to save; $old is their state.
begin() {
	quietly modprobe -r -a "${modules[@]}"
	quietly modprobe -a "${modules[@]}"
	quietly moectl set mem_monitor.low=20% mem_monitor.medium=10% mem_monitor.critical=5% \
		core.txn_bytes=256M
	quietly moectl guard block 10.0.0.0/8 --reason 'brute force'
	quietly moectl guard allow 2001:db8::7
	quietly moectl table hello.guests add name=anna tone=loud
	quietly moectl table test.rows flush
	quietly moectl table test.rows add id=1 name=one size=64K
	old=$(moectl save)
}

# The state is another than it was.
change() {
	quietly moectl guard shadow 10.0.0.0/8
	quietly moectl guard block 192.0.2.0/24
	quietly moectl table hello.guests flush
	quietly moectl set mem_monitor.low=25% hello.delay=3s net_guard.syn_rate=7
}

unchanged() { same "$old" "$(moectl save)"; }

# A restore that fails with STATUS, and says TEXT first.
fails() { # STATUS TEXT ARGUMENT...
	local status=$1 text=$2 got=0
	shift 2
	moectl restore "$@" >"$tmp/out" 2>"$tmp/err" </dev/null || got=$?
	[ "$got" = "$status" ] || fail "exit status $got of: $* : $(cat "$tmp/err")"
	same '' "$(cat "$tmp/out")"
	has "$(head -n 1 "$tmp/err")" 'moectl: '
	has "$(head -n 1 "$tmp/err")" "$text"
}

# And changes nothing.
refused() { # STATUS TEXT ARGUMENT...
	fails "$@"
	unchanged
}

# Of a file with these lines, and some that would change something.
lines_refused() { # WHERE-AND-WHAT LINE...
	local text=$1
	shift
	printf '%s\n' "$@" 'param hello.delay=9s' 'table net_guard.rules' >"$tmp/file"
	fails 1 "$tmp/file:$text" "$tmp/file"
}

from_ssh() { # ADDRESS COMMAND...
	SSH_CONNECTION="$1 1 10.9.0.1 22" "${@:2}"
}

# ---- there and back ------------------------------------------------------------------

test_round_trip() {
	local odd=$' "q" \'s\' \\n \\ \n\r\t\x01\x1b[31m\xff\xc3\xa9 # = $x `y` ' all='' i
	begin
	for ((i = 1; i < 128; i++)); do
		all+=$(printf '\\x%02x' $i)
	done
	all=$(printf '%bx' "$all")
	quietly moectl guard block 192.0.2.1 --reason "$odd"
	quietly moectl guard shadow 2001:db8::/32 --reason "${all:0:100}"
	quietly moectl guard shadow 2001:db8:1::/48 --reason "${all:100}"
	quietly moectl guard block 198.51.100.0/24 --for 1h
	quietly moectl guard allow 0.0.0.0/0 --for 2000h --reason ''
	quietly moectl table hello.guests add name="$(printf '\xff\xfe#"\n=')" tone=polite
	quietly moectl set mem_monitor.low=205 net_guard.mode=shadow net_guard.interval=1500ms \
		net_guard.block_time=90s hello.delay=1us core.txn_bytes=100000
	moectl save "$tmp/saved"
	moectl table net_guard.rules --json | tr -d '\n' >"$tmp/rules"
	same 600 "$(stat -c %a "$tmp/saved")"
	has "$(cat "$tmp/saved")" $'\nparam mem_monitor.low=205\n'
	has "$(cat "$tmp/saved")" $'\nparam net_guard.interval=1500ms\n'
	has "$(cat "$tmp/saved")" $'\nparam net_guard.mode=shadow\n'
	has "$(cat "$tmp/saved")" $'\ntable test.few\n'
	# Everything anew, nothing is left.
	quietly modprobe -r -a "${modules[@]}"
	quietly modprobe -a "${modules[@]}"
	same '' "$(moectl guard list)"
	quietly moectl restore "$tmp/saved"
	moectl save "$tmp/again"
	cmp "$tmp/saved" "$tmp/again" || fail "$(diff "$tmp/saved" "$tmp/again")"
	# What the kernel itself says of them is the same: reason and end, too.
	moectl table net_guard.rules --json | tr -d '\n' >>"$tmp/rules"
	python3 - "$tmp/rules" <<'PYTHON'
import json, sys
text, rules, at = open(sys.argv[1]).read(), [], 0
while at < len(text):
    value, at = json.JSONDecoder().raw_decode(text, at)
    rules.append({r["prefix"]: (r["action"], r["expires"], r["reason"]) for r in value})
assert rules[0] == rules[1] and len(rules[0]) == 7, rules
PYTHON
	# And once more, over itself: there is nothing to change.
	same 'nothing to change' "$(moectl restore "$tmp/saved" --pretty)"
	moectl restore "$tmp/saved" --json | json 'x == {"tables": [], "params": [], "missing": []}'
	same '' "$(moectl restore "$tmp/saved" --dry-run)"
}

# A line ends in CR LF, a file without an end of line; the order is anyhow.
test_hand_made() {
	begin
	printf '%s\r\n' '# mine' '' 'row net_guard.rules  action=drop  prefix=192.0.2.0/24 # why' \
		"param hello.delay='5s'" '  row net_guard.rules prefix=::1 "action"=allow reason=a\ b' \
		>"$tmp/file"
	printf 'table test.rows' >>"$tmp/file"
	moectl restore "$tmp/file" --json | json 'x == {"tables": [
		{"table": "net_guard.rules", "added": 2, "removed": 2},
		{"table": "test.rows", "added": 0, "removed": 1}],
		"params": [{"param": "hello.delay", "from": "100000000", "to": "5000000000"}],
		"missing": []}'
	same $'row net_guard.rules prefix=192.0.2.0/24 action=drop
row net_guard.rules prefix=::1/128 action=allow reason="a b"' \
		"$(moectl save --module net_guard | grep ^row)"
	same '' "$(moectl table test.rows)"
	same '5000000000' "$(moectl module hello | awk '$2 == "hello.delay" { print $3 }')"
	# What the file does not name is as it was.
	has "$(moectl save)" 'row hello.guests name="anna" tone=loud'
	same "$(moectl save --module core)" "$(head -n 4 <<<"$old"
		sed -n '/^# ---- core/,/^$/p' <<<"$old" | sed '$d')"
}

# In order of modules, and of keys: as a list of prefixes would be.
test_order() {
	local text
	begin
	quietly moectl table net_guard.rules flush
	for text in 2001:db8::/32 10.0.0.0/9 9.0.0.0/8 ::/0 10.0.0.0/8 200.0.0.0/8 2001:db8::/31; do
		quietly moectl guard block $text
	done
	same '9.0.0.0/8 10.0.0.0/8 10.0.0.0/9 200.0.0.0/8 ::/0 2001:db8::/31 2001:db8::/32' \
		"$(moectl save | sed -n 's/^row.*prefix=\([^ ]*\) .*/\1/p' | xargs)"
	for text in 10 9 -1 100; do
		quietly moectl table test.pair add name=b side=$text
	done
	quietly moectl table test.pair add name=a side=7
	same '7 -1 9 10 100' "$(moectl save | sed -n 's/^row test.pair.*side=//p' | xargs)"
	same 'core hello mem_monitor net_guard test' \
		"$(moectl save | sed -n 's/^# ---- //p' | xargs)"
	# What a comment says of them does not change what they are.
	has "$(moectl save)" '# in which a scan is noticed (1s to 1h)'
	has_not "$(moectl save)" 'hits'
}

test_module_option() {
	begin
	same 'hello test' "$(moectl save --module test --module hello | sed -n 's/^# ---- //p' | xargs)"
	! moectl save --module helo "$tmp/none" 2>"$tmp/err" || fail 'an unknown module'
	has "$(cat "$tmp/err")" "there is no module 'helo'; did you mean 'hello'"
	[ ! -e "$tmp/none" ] || fail 'it wrote a file'
}

# ---- the file that is written ----------------------------------------------------------

test_replaced() {
	begin
	mkdir "$tmp/folder"
	mount -t tmpfs -o size=64k,mode=700 small "$tmp/folder"
	echo former >"$tmp/folder/file"
	chmod 644 "$tmp/folder/file"
	ln -s folder/file "$tmp/link"
	moectl save "$tmp/link"
	[ -L "$tmp/link" ] || fail 'the link is gone'
	same "$old" "$(cat "$tmp/folder/file")"
	same 600 "$(stat -c %a "$tmp/folder/file")"
	# There is no room: the file is the former one, and no other is left.
	head -c 100k /dev/zero >"$tmp/folder/full" 2>/dev/null || true
	cp "$tmp/folder/file" "$tmp/former"
	quietly moectl set hello.delay=7s
	! moectl save "$tmp/folder/file" 2>"$tmp/err" || fail 'on a full disk'
	same "moectl: $tmp/folder/file: No space left on device" "$(cat "$tmp/err")"
	cmp "$tmp/former" "$tmp/folder/file"
	same $'file\nfull' "$(ls "$tmp/folder")"
	umount "$tmp/folder"
	! moectl save "$tmp/none/file" 2>"$tmp/err" || fail 'no folder'
	has "$(cat "$tmp/err")" 'No such file'
	! moectl save "$tmp" 2>"$tmp/err" || fail 'a folder'
	has "$(cat "$tmp/err")" 'Is a directory'
	# A device stays one.
	moectl save /dev/null
	[ -c /dev/null ] || fail '/dev/null is a file now'
	same "$(moectl save)" "$(moectl save -)"
	chmod 777 "$tmp"
	! nobody moectl save "$tmp/nobody" 2>"$tmp/err" || fail 'without privilege'
	has "$(cat "$tmp/err")" CAP_SYS_ADMIN
	[ ! -e "$tmp/nobody" ] || fail 'it wrote a file'
}

# ---- what is wrong with a file ------------------------------------------------------------

test_refused_lines() {
	begin
	lines_refused '2:1: roww: a line begins with' '# x' 'roww net_guard.rules prefix=::1'
	lines_refused '1:1: id: a line begins with' 'id=1 name=n'
	lines_refused '1:1: param wants' 'param'
	lines_refused '1:1: param wants' 'param hello.delay'
	lines_refused '1:23: x: is too much' 'param hello.delay=1s  x=2'
	lines_refused '1:1: table wants' 'table'
	lines_refused '1:1: table wants' 'table x=1'
	lines_refused '1:1: row wants' 'row'
	lines_refused '1:20: x: is too much' 'table hello.guests x=1'
	lines_refused "1:26: 'word' is not key=value" 'row test.rows id=1 x=\"a word'
	lines_refused '3:20: this quote is not closed' '' '' 'row test.rows name="n'
	lines_refused "1:20: 'id' is given twice" 'row test.rows id=1 id=2 name=n'
	lines_refused '1:10: nothing.x: module nothing is not loaded' 'param    nothing.x=1'
	has "$(cat "$tmp/err")" "'modprobe moeai_nothing'"
	lines_refused '1:7: nothing.x: module nothing is not loaded' 'table nothing.x'
	lines_refused '1:5: nothing.x: module nothing is not loaded' 'row nothing.x a=1'
	lines_refused "1:7: hello.dela: there is no such parameter; did you mean 'hello.delay'" \
		'param hello.dela=1s'
	lines_refused '1:5: hello.guest: there is no such table; did you mean' 'row hello.guest name=x'
	lines_refused "1:7: mem_monitor.kills: there is no such parameter" 'param mem_monitor.kills=1'
	lines_refused "1:5: test.read: this table can't be changed" 'row test.read name=x side=1'
	lines_refused "1:5: modules: this table can't be changed" 'row modules name=x'
	lines_refused '2:7: hello.delay: 2m is out of range: 0 to 60000000000' '' 'param hello.delay=2m'
	lines_refused "1:7: hello.delay: 'soon' is not a number: a duration" 'param hello.delay=soon'
	lines_refused "1:7: net_guard.mode: 'on' is none of off, shadow, enforce" 'param net_guard.mode=on'
	lines_refused '3:7: hello.delay: is set in line 1 already' 'param hello.delay=1s' '' \
		'param hello.delay=1s'
	lines_refused "2:42: action: 'dorp' is none of allow, drop, shadow" '' \
		'row net_guard.rules prefix=192.0.2.0/24  action=dorp'
	lines_refused "1:21: prefix: '192.0.2.0/33' is no address or prefix" \
		'row net_guard.rules prefix=192.0.2.0/33 action=drop'
	lines_refused '1:46: colour: there is no such column, only prefix action expires timeout reason' \
		'row net_guard.rules prefix=::1 action=drop   colour=red'
	lines_refused "1:44: hits: this column can't be given, only read" \
		'row net_guard.rules prefix=::1 action=drop hits=5'
	lines_refused "1:33: expires: 'tomorrow' is not a number: ns since 1970, or a time" \
		'row net_guard.rules action=drop expires=tomorrow'
	lines_refused '1:44: reason: 128 bytes are out of range: 0 to 127' \
		"row net_guard.rules prefix=::1 action=drop reason=$(printf '%0128d' 0)"
	lines_refused '3:1: line 1 has a row with this key already' 'row test.rows id=5 name=a' \
		'row test.rows id=6 name=a' 'row test.rows name=b id=0x5'
	# What only the kernel can say; of the line that it is in, not the last one.
	lines_refused '2:1: name: missing' 'table test.rows' 'row test.rows id=5' \
		'row test.rows id=6 name=n'
	lines_refused '2:1: id: missing' '' 'row test.rows name=n'
	lines_refused '1:21: prefix: bits behind the prefix are set' \
		'row net_guard.rules prefix=192.0.2.1/24 action=drop' 'row test.rows id=6 name=n'
	unchanged
}

test_refused_files() {
	begin
	fails 1 'No such file' "$tmp/none"
	fails 1 'Is a directory' "$tmp"
	fails 2 'restore which file'
	fails 2 'too much' a b
	fails 2 '--confirm 0' --confirm 0 "$tmp/file"
	printf '# x\nparam hello.delay=1s # \0\n' >"$tmp/file"
	fails 1 "$tmp/file:2:24: a NUL byte" "$tmp/file"
	{ printf 'row test.rows id=5 name=' && head -c 3000000 /dev/zero | tr '\0' x; } >"$tmp/file"
	fails 1 "$tmp/file:1:20: name: 3000000 bytes are out of range: 0 to 31" "$tmp/file"
	{ echo && seq -f 'k%.0f=1' 300000 | tr '\n' ' '; } >"$tmp/file"
	fails 1 "$tmp/file:2:7086: too many words" "$tmp/file"
	head -c 100000 /dev/urandom >"$tmp/file"
	fails 1 "$tmp/file:" "$tmp/file"
	echo 'param hello.delay=1s' >"$tmp/file"
	chmod 755 "$tmp"
	chmod 644 "$tmp/file"
	! nobody moectl restore "$tmp/file" 2>"$tmp/err" || fail 'without privilege'
	has "$(cat "$tmp/err")" CAP_SYS_ADMIN
	! moectl restore - 2>"$tmp/err" <<<'param hello.delay=x' || fail 'by standard input'
	has "$(cat "$tmp/err")" "moectl: standard input:1:7: hello.delay: 'x' is not"
	unchanged
	# Nothing is nothing.
	same 'nothing to change' "$(moectl restore /dev/null --pretty)"
	unchanged
}

test_missing() {
	begin
	quietly modprobe -r moeai_hello
	printf '%s\n' 'param hello.delay=9s' 'row hello.guests name=x tone=loud' \
		'param mem_monitor.low=30%' 'param mem_monitor.new=1' 'table test.new' \
		'row test.new id=nonsense' >"$tmp/file"
	! moectl restore "$tmp/file" 2>"$tmp/err" || fail 'a module that is not there'
	has "$(cat "$tmp/err")" "$tmp/file:1:7: hello.delay: module hello is not loaded"
	has "$(moectl save)" 'mem_monitor.low=20%'
	moectl restore "$tmp/file" --skip-missing --json 2>"$tmp/err" | json 'x == {"tables": [],
		"params": [{"param": "mem_monitor.low", "from": "200", "to": "300"}],
		"missing": ["hello", "mem_monitor.new", "test.new"]}'
	same "moectl: $tmp/file: 5 lines are left out, as the kernel does not have hello, mem_monitor.new, test.new" \
		"$(cat "$tmp/err")"
	# What is there is looked at as ever.
	echo 'param mem_monitor.low=x' >>"$tmp/file"
	! moectl restore "$tmp/file" --skip-missing 2>"$tmp/err" || fail 'nonsense'
	has "$(cat "$tmp/err")" "$tmp/file:7:7: mem_monitor.low: is set in line 3"
}

# ---- all or nothing ------------------------------------------------------------------------

test_dry_run() {
	local new
	begin
	change
	new=$(moectl save)
	same $'+\trow hello.guests name="anna" tone=loud
-\trow net_guard.rules prefix=10.0.0.0/8 action=shadow
+\trow net_guard.rules prefix=10.0.0.0/8 action=drop reason="brute force"
-\trow net_guard.rules prefix=192.0.2.0/24 action=drop' \
		"$(moectl restore - --dry-run <<<"$old" | grep $'\trow')"
	same '- param hello.delay=3s
+ param hello.delay=100ms' "$(moectl restore - --dry-run --pretty <<<"$old" | grep hello.delay)"
	moectl restore - --dry-run --json <<<"$old" | json '{"change": "removed", "line":
		"row net_guard.rules prefix=192.0.2.0/24 action=drop"} in x and len(x) == 10'
	same "$new" "$(moectl save)"
	moectl restore - <<<"$old" >"$tmp/out"
	unchanged
}

# Values that make sense together alone are set in an order in which they do.
test_dependent_params() {
	local all one
	begin
	quietly moectl set mem_monitor.min_interval_ms=20 mem_monitor.interval_ms=1000
	old=$(moectl save)
	for all in 'low=4% medium=3% critical=2%' 'low=90% medium=80% critical=70%' \
		'interval_ms=5 min_interval_ms=4' 'min_interval_ms=9000 interval_ms=9001'; do
		xargs -n 1 printf 'param mem_monitor.%s\n' <<<"$all" >"$tmp/file"
		quietly moectl restore "$tmp/file"
		for one in $all; do
			has "$(moectl save)" "param mem_monitor.$one"
		done
	done
	moectl restore - <<<"$old" >"$tmp/out"
	unchanged
	# Those that never do are none of them set.
	printf 'param mem_monitor.%s\n' consumers=5 low=30% critical=40% hysteresis=1% >"$tmp/file"
	refused 1 "$tmp/file:3:7: mem_monitor.critical: does not fit the others: critical < medium < low" "$tmp/file"
	has "$(cat "$tmp/err")" 'nothing is changed, all is as it was before'
}

# The kernel has something against the last of all.
test_half_way() {
	local rules
	begin
	moectl guard list >"$tmp/rules"
	printf '%s\n' 'table hello.guests' 'row net_guard.rules prefix=::2 action=drop' \
		'row test.few id=1 name=a' 'row test.few id=2 name=a' 'row test.few id=3 name=a' \
		'row test.few id=4 name=a' 'row test.few id=5 name=a' 'param hello.delay=9s' >"$tmp/file"
	refused 1 "$tmp/file:3:1: table test.few: the table is full" "$tmp/file"
	has "$(cat "$tmp/err")" 'nothing is changed, all is as it was before'
	# Rolled back, not made again: who made them and their counters are there.
	same "$(cat "$tmp/rules")" "$(moectl guard list)"
	same 0 "$(moectl table tables --where awaits=1 | wc -l)"
	# A parameter is refused: the tables are as before.
	sed -i '/test.few/d; $d' "$tmp/file"
	echo 'param mem_monitor.critical=99%' >>"$tmp/file"
	refused 1 "$tmp/file:3:7: mem_monitor.critical" "$tmp/file"
	same "$(cat "$tmp/rules")" "$(moectl guard list)"
	# A row that a module does not want, found before anything is done.
	printf '%s\n' 'table net_guard.rules' 'row hello.guests name=anna tone=loud' \
		'row hello.guests   name=nobody tone=loud' 'param hello.delay=9s' >"$tmp/file"
	rules=$(moectl log --type core.table | wc -l)
	refused 1 "$tmp/file:3:20: name: nobody can't be greeted" "$tmp/file"
	refused 1 "$tmp/file:3:20: name: nobody can't be greeted" "$tmp/file" --dry-run
	same "$rules" "$(moectl log --type core.table | wc -l)"
	# Somebody's change awaits its confirmation.
	quietly moectl table hello.guests flush --confirm 60
	old=$(moectl save)
	printf '%s\n' 'table net_guard.rules' 'row hello.guests name=bob tone=loud' >"$tmp/file"
	refused 1 "$tmp/file:2:1: table hello.guests: a change of this table awaits its confirmation" \
		"$tmp/file"
	quietly moectl table hello.guests rollback
}

test_confirm() {
	local window=$((3 * ${PATIENCE:-1}))
	begin
	printf '%s\n' 'table net_guard.rules' 'table hello.guests' 'param hello.delay=9s' >"$tmp/file"
	same "table net_guard.rules: 0 rows added, 2 removed, to be undone in $window s; \
'moectl table net_guard.rules confirm' keeps it
table hello.guests: 0 rows added, 1 removed, to be undone in $window s; \
'moectl table hello.guests confirm' keeps it" \
		"$(moectl restore "$tmp/file" --confirm $window --no-params --pretty)"
	same '' "$(moectl guard list)"
	quietly moectl table hello.guests confirm
	sleep $window.5
	same '' "$(moectl table hello.guests)"
	has "$(moectl guard list)" '10.0.0.0/8'
	quietly moectl table hello.guests add name=anna tone=loud
	unchanged
	# Parameters come back as well.
	has "$(moectl restore "$tmp/file" --confirm $window --pretty)" "parameter hello.delay: from 100ms to 9s
parameters: to be undone in $window s; 'moectl set confirm' keeps them"
	has "$(moectl save)" 'param hello.delay=9s'
	sleep $((window + 1)).5
	unchanged
	quietly moectl restore "$tmp/file" --confirm 60
	quietly moectl set confirm
	quietly moectl guard rollback
	quietly moectl table hello.guests rollback
	has "$(moectl save)" 'param hello.delay=9s'
	quietly moectl set hello.delay=100ms
	unchanged
}

# Killed in the middle of it: the kernel has all of it, or takes back what stands.
test_killed() {
	begin
	printf '%s\n' 'table net_guard.rules' 'table hello.guests' >"$tmp/file"
	seq 1 30000 | sed 's/.*/row test.rows id=& name=n/' >>"$tmp/file"
	quietly moectl restore "$tmp/file"
	moectl save >"$tmp/new"
	for _ in 1 2 3 4 5 6; do
		moectl restore - <<<"$old" >"$tmp/out"
		unchanged
		moectl restore "$tmp/file" >"$tmp/out" 2>&1 &
		sleep $((RANDOM % 4)).$((RANDOM % 10))
		kill -KILL $! 2>"$tmp/err" || true
		wait $! 2>"$tmp/err" || true
		# What stands so far goes by itself, in time; here at once.
		moectl table tables --where awaits=1 | cut -f 1 | while read -r table; do
			quietly moectl table "$table" rollback
		done
		moectl save | cmp -s - "$tmp/new" || unchanged
	done
}

# ---- nobody shuts himself out -----------------------------------------------------------------

test_own_session() {
	begin
	echo 'row net_guard.rules prefix=10.9.7.0/24 action=drop' >"$tmp/file"
	from_ssh 10.9.7.9 moectl restore "$tmp/file" >"$tmp/out" 2>"$tmp/err"
	has "$(cat "$tmp/err")" '10.9.7.9, from where a session of yours comes, is allowed as well'
	has "$(moectl guard list)" $'10.9.7.9/32\tallow'
	has "$(moectl guard list)" $'10.9.7.0/24\tdrop'
	quietly from_ssh 10.9.7.9 moectl restore "$tmp/file" --even-me
	has_not "$(moectl guard list)" 10.9.7.9
	old=$(moectl save)
	printf '%s\n' '' 'row net_guard.rules prefix=10.9.7.9 action=drop' >>"$tmp/file"
	! from_ssh 10.9.7.9 moectl restore "$tmp/file" 2>"$tmp/err" || fail 'he is outside'
	has "$(cat "$tmp/err")" "$tmp/file:3:21: prefix: 10.9.7.9 is from where a session of yours comes"
	unchanged
	# Who is allowed already is.
	echo 'row net_guard.rules prefix=10.9.0.0/16 action=allow' >>"$tmp/file"
	quietly from_ssh 10.9.7.9 moectl restore "$tmp/file"
	same 3 "$(moectl guard list | wc -l)"
	# Detectors that drop are turned on: by the rules of the file, or those that there are.
	echo 'param net_guard.mode=enforce' >"$tmp/file"
	quietly from_ssh 10.9.7.9 moectl restore "$tmp/file"
	same 3 "$(moectl guard list | wc -l)"
	quietly moectl guard mode off
	quietly from_ssh 2001:db8::9 moectl restore "$tmp/file"
	has "$(moectl guard list)" $'2001:db8::9/128\tallow'
	same 4 "$(moectl guard list | wc -l)"
	quietly moectl guard mode off
	echo 'table net_guard.rules' >>"$tmp/file"
	quietly from_ssh 10.9.7.9 moectl restore "$tmp/file"
	same $'10.9.7.9/32\tallow' "$(moectl guard list | cut -f 1,2)"
	quietly moectl guard mode off
	quietly from_ssh 10.9.7.9 moectl restore "$tmp/file" --even-me
	same '' "$(moectl guard list)"
	quietly moectl guard mode off
}

# ---- what has passed, and what will ------------------------------------------------------------

test_expiry() {
	local window=$((3 * ${PATIENCE:-1}))
	begin
	# One has ended since, one ends in an hour, one in a hundred years.
	printf 'row net_guard.rules prefix=%s action=drop expires=%s\n' \
		192.0.2.1 2020-01-01T00:00:00Z \
		192.0.2.2 "$(date -u -d '+1 hour' +%FT%TZ)" \
		192.0.2.3 "$(date -u -d '+100 years' +%FT%TZ)" >"$tmp/file"
	quietly moectl restore "$tmp/file"
	same '192.0.2.2/32 192.0.2.3/32' \
		"$(moectl save --module net_guard | sed -n 's/^row.*prefix=\([^ ]*\).*/\1/p' | xargs)"
	# At most a tick of the kernel later than it was said.
	python3 - "$(moectl table net_guard.rules --where prefix=192.0.2.2/32 | cut -f 3)" \
		"$(sed -n 2p "$tmp/file" | sed 's/.*expires=//')" <<'PYTHON'
import datetime, sys
said = datetime.datetime.fromisoformat(sys.argv[2].replace("Z", "+00:00")).timestamp()
late = int(sys.argv[1]) / 1e9 - said
sys.exit(0 if 0 <= late < 0.27 else f"{late} s late")
PYTHON
	# A time that is relative begins anew.
	echo "row net_guard.rules prefix=192.0.2.4 action=drop timeout=${window}s" |
		moectl restore - >"$tmp/out"
	same 1 "$(moectl guard list | wc -l)"
	sleep $window.6
	same '' "$(moectl guard list)"
}

# A row that goes with a process is that process's.
test_held() {
	local held='path=/tmp holder=1 ops=create' watch text
	begin
	quietly modprobe moeai_fs_logger
	quietly moectl watch add /usr --ops delete --exclude '*.o'
	text=$(moectl save)
	has "$text" 'row fs_logger.watches path="/usr" holder=0 ops=delete'
	moectl watch /tmp >/dev/null 2>&1 &
	watch=$!
	until [ "$(moectl table fs_logger.watches | wc -l)" = 2 ]; do
		sleep 0.1
	done
	same "$text" "$(moectl save)"
	# It is not in the way of a restore that has nothing to do.
	echo "$text" | moectl restore -
	same 2 "$(moectl table fs_logger.watches | wc -l)"
	printf 'row fs_logger.watches %s\n' "$held" >"$tmp/file"
	fails 1 'this is not the pid of who adds it' "$tmp/file"
	kill -INT $watch
	wait $watch
	quietly moectl watch remove /usr
	echo "$text" >"$tmp/file"
	quietly moectl restore "$tmp/file"
	same "$text" "$(moectl save)"
	quietly modprobe -r moeai_fs_logger
}

# ---- many ---------------------------------------------------------------------------------------

timed() { # WHAT COMMAND...
	local what=$1 started=$EPOCHREALTIME
	shift
	"$@" >"$tmp/out" 2>&1 || fail "$what: $(cat "$tmp/out")"
	awk -v a="$started" -v b="$EPOCHREALTIME" -v what="$what" \
		'BEGIN { printf "100000 rules, %s: %.1f s\n", what, b - a }' >/dev/kmsg
}

test_many() {
	begin
	awk 'BEGIN { print "table net_guard.rules"; for (i = 0; i < 50000; i++) {
		printf "row net_guard.rules prefix=10.%d.%d.%d action=drop reason=\"list %d\"\n",
			i / 65536, i / 256 % 256, i % 256, i % 7
		printf "row net_guard.rules prefix=2001:db8:%x::/48 action=drop\n", i } }' >"$tmp/many"
	timed restore moectl restore "$tmp/many"
	timed save moectl save "$tmp/saved" --module net_guard
	same 100000 "$(grep -c ^row "$tmp/saved")"
	timed 'restore of the same' moectl restore "$tmp/saved"
	quietly moectl table net_guard.rules flush
	timed 'restore again' moectl restore "$tmp/saved"
	moectl save --module net_guard | cmp - "$tmp/saved"
	# One of them is wrong.
	sed -i '70001s/drop/drop timeout=1s expires=2030-01-01T00:00:00Z/' "$tmp/many"
	! moectl restore "$tmp/many" 2>"$tmp/err" || fail 'it is restored'
	has "$(cat "$tmp/err")" "$tmp/many:70001:"
	has "$(cat "$tmp/err")" ': timeout: either expires or timeout'
	moectl save --module net_guard | cmp - "$tmp/saved"
}

run_cases

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Events as moectl shows them: monitor and log, live and kept, whatever is in
# them. Cases are the functions test_*; check: limit=300

set -u

# shellcheck source=tests/guest/moectl.sh
. tests/guest/moectl.sh

test_monitor() {
	local next refused_type
	next=$(next_seq)
	moectl publish one
	moectl publish --priority warning two
	moectl run core.ping
	same 2 "$(moectl monitor --since "$next" --count 2 --timeout 10 | grep -c '^event')"
	moectl monitor --since "$next" --count 2 --timeout 10 --json | json_lines \
		'[x["kind"] for x in xs if x["kind"] != "epoch"] == ["event"] * 2 and
		[x["fields"]["text"] for x in xs if x["kind"] == "event"] == ["one", "two"]'
	moectl monitor --since "$next" --min-priority warning --count 1 --timeout 10 --json |
		json_lines 'xs[-1]["fields"]["text"] == "two"'
	moectl monitor --since "$next" --type user.message --source user --count 2 --timeout 10 |
		grep -q 'text=two'
	# Not enough of them: 1; not asked for: 0.
	moectl monitor --since "$next" --type core.command --count 9 --timeout 0.3 >/dev/null &&
		fail 'too few events and still 0'
	moectl monitor --timeout 0.3 >/dev/null || fail 'a timeout without --count is no failure'
	refused_type=$(moectl monitor --type user.messages --timeout 0.1 2>&1 >/dev/null)
	has "$refused_type" "did you mean 'user.message'"
}

# Events come through a pipe at once, one a line.
test_monitor_pipe() {
	local line pid started
	exec 3< <(exec moectl monitor --type user.message --json)
	pid=$!
	read -r -t 10 line <&3
	has "$line" '"epoch"'
	moectl publish now
	started=$SECONDS
	read -r -t 10 line <&3
	has "$line" '"now"'
	[ $((SECONDS - started)) -lt 3 ] || fail 'the event came late'
	kill -INT $pid
	wait $pid || fail "Ctrl-C: exit status $?"
}

# A reader that goes away ends it at once, without a word and without an event.
test_broken_pipe() {
	local got
	moectl monitor --since oldest 2>"$tmp/err" | head -n 1 >/dev/null
	got="${PIPESTATUS[*]}"
	same '0 0' "$got"
	same '' "$(cat "$tmp/err")"
	# With more to come than a pipe holds.
	for _ in {1..1500}; do
		echo stats.reset >/proc/moeai/control
	done
	moectl monitor --since oldest 2>"$tmp/err" | head -n 1 >/dev/null
	got="${PIPESTATUS[*]}"
	same '0 0' "$got"
	same '' "$(cat "$tmp/err")"
	moectl log | head -n 1 >/dev/null
	got="${PIPESTATUS[*]}"
	same '0 0' "$got"
	moectl table fields | true
	same '0 0' "${PIPESTATUS[*]}"
	refused 1 'cannot write' bash -c 'moectl table fields >/dev/full'
	moectl monitor --since oldest --count 1 2>"$tmp/err" >/dev/full && fail 'nothing was written, and 0'
	same 1 "$(grep -c 'cannot write' "$tmp/err")"
}

test_interrupt() {
	local pid
	moectl monitor >"$tmp/out" 2>"$tmp/err" &
	pid=$!
	await "$tmp/out" epoch
	kill -TERM $pid
	wait $pid || fail "SIGTERM: exit status $?"
	same '' "$(cat "$tmp/err")"
	moectl monitor --count 1 >"$tmp/out" &
	pid=$!
	await "$tmp/out" epoch
	kill -INT $pid
	! wait $pid || fail 'the event that was asked for did not come: not 0'
	# On a terminal the account is always told.
	has "$(terminal 'moectl monitor --since oldest --timeout 0.3')" 'moectl: mapped: seq '
}

test_log() {
	local next
	next=$(next_seq)
	moectl publish kept
	moectl publish --priority warning warned
	moectl log --since "$next" --json | json_lines \
		'[x["fields"]["text"] for x in xs] == ["kept", "warned"]'
	# procfs has the same events in the same form.
	same "$(moectl log)" "$(moectl log --procfs)"
	same "$(moectl log --since "$next" --min-priority warning)" \
		"$(moectl log --since "$next" --min-priority warning --procfs)"
	same "$(moectl log --type 'core.*')" "$(moectl log --type 'core.*' --procfs)"
	same "$(moectl log --source user --count 1)" "$(moectl log --source user --count 1 --procfs)"
	has "$(moectl log --since "$next" --source user --count 1)" 'text=kept'
	moectl log --since "$next" --procfs --json | json_lines \
		'[x["fields"]["text"] for x in xs] == ["kept", "warned"]'
	same '' "$(moectl log --since now --procfs)"
	has "$(moectl log --pretty)" 'SEQ PRIORITY TYPE'
	refused 1 "did you mean 'user.message'" moectl log --type user.messages
}

# By one transport or the other: the same. What is mapped keeps the module.
test_transport() {
	local next pid
	next=$(next_seq)
	moectl publish 'either way'
	same "$(moectl monitor --since "$next" --timeout 0.3 --transport mapped)" \
		"$(moectl monitor --since "$next" --timeout 0.3 --transport netlink)"
	has "$(terminal 'moectl monitor --transport netlink --timeout 0.1')" 'moectl: netlink: '
	refused 2 '--transport pigeon' moectl monitor --transport pigeon
	moectl monitor --type user.message >"$tmp/out" &
	pid=$!
	await "$tmp/out" epoch
	has "$(moectl table subscribers)" $'reader\t/dev/moeai\t0\t'"$pid"
	has "$(moectl table modules)" 'readers=1'
	! modprobe -r moeai_mem_monitor moeai 2>/dev/null || fail 'the module went while it is mapped'
	kill -INT $pid
	wait $pid || true
	modprobe moeai_mem_monitor
	refused 1 'group moeai' nobody moectl monitor --transport mapped
	[ "$(stat -c %a /dev/moeai)" = 640 ] || fail 'its mode is not 0640'
}

# What is no longer held is told: in band, and in the account.
test_lost() {
	local next
	next=$(next_seq)
	moectl publish gone
	moectl publish gone
	moectl run log.clear
	moectl publish here
	moectl log --since "$next" --json | json_lines 'xs[0]["kind"] == "lost" and
		xs[0]["from"] == '"$next"' and xs[0]["to"] == '"$next"' + 1 and
		xs[0]["reason"] == "cleared" and xs[-1]["fields"]["text"] == "here"'
	has "$(moectl log --since "$next")" $'lost\t'"$next"$'\t'
	has "$(moectl log --since "$next" --pretty)" '--- lost: 2 events'
	moectl monitor --since "$next" --timeout 0.3 >"$tmp/out" 2>"$tmp/err"
	has "$(cat "$tmp/err")" '2 lost'
	has "$(cat "$tmp/out")" $'lost\t'
}

test_hostile_texts() {
	local next text
	next=$(next_seq)
	moectl publish $'line\nforged\ttab\r\e[31mred\e[m \x07\x7f \\ "quoted"'
	moectl publish $'caf\xe9 \xff\xfe \xc2\x9b31m'
	moectl publish $'\xe2\x80\xae reversed, \xe4\xbd\xa0\xe5\xa5\xbd'

	# A line each, nothing in it that a terminal obeys, and it can be undone.
	for text in "$(moectl log --since "$next")" "$(moectl log --since "$next" --procfs)" \
		"$(terminal "moectl log --since $next")" \
		"$(LC_ALL=C.UTF-8 NO_COLOR=1 terminal "moectl log --since $next")" \
		"$(moectl log --since "$next" --pretty)" "$(moectl log --since "$next" --json)"; do
		text=${text//$'\e['[0-9;]m/}
		text=${text//$'\e[0m'/} text=${text//$'\e[1m'/}
		printable "$text"
	done
	same 3 "$(moectl log --since "$next" | wc -l)"
	has "$(moectl log --since "$next")" 'text=line\nforged\ttab\r\x1b[31mred\x1b[m \x07\x7f \\ "quoted"'
	has "$(moectl log --since "$next")" 'text=caf\xe9 \xff\xfe \xc2\x9b31m'
	has "$(moectl log --since "$next")" $'text=\\xe2\\x80\\xae reversed, \xe4\xbd\xa0'
	# A terminal of another character set gets ASCII alone.
	! LC_ALL=C terminal "LC_ALL=C moectl log --since $next" | LC_ALL=C grep -q '[^[:print:][:cntrl:]]' ||
		fail 'bytes that are not ASCII on a terminal in locale C'

	# JSON: the characters U+F7HH are bytes that were not UTF-8.
	moectl log --since "$next" --json | json_lines \
		'[x["fields"]["text"].encode("utf-32-le") and b"".join(bytes([ord(c) & 0xff])
			if 0xf780 <= ord(c) <= 0xf7ff else c.encode() for c in x["fields"]["text"])
			for x in xs] == [
			b"line\nforged\ttab\r\x1b[31mred\x1b[m \x07\x7f \\ \"quoted\"",
			b"caf\xe9 \xff\xfe \xc2\x9b31m",
			b"\xe2\x80\xae reversed, \xe4\xbd\xa0\xe5\xa5\xbd"]'
}

# A program's name may hold anything as well.
test_hostile_name() {
	local next name=$'\e]0;x\n\xff'
	next=$(next_seq)
	cp "$(command -v moectl)" "$tmp/$name"
	"$tmp/$name" publish hello
	has "$(moectl log --since "$next")" 'comm=\x1b]0;x\n\xff'
	printable "$(moectl log --since "$next" --pretty)"
	same 1 "$(moectl log --since "$next" --procfs | wc -l)"
}

# A monitor that runs sees the module go and come.
test_reload() {
	local pid
	moectl monitor --transport netlink --json >"$tmp/out" &
	pid=$!
	await "$tmp/out" epoch
	unload || fail 'cannot unload'
	load
	moectl publish back
	await "$tmp/out" back
	kill -INT $pid
	wait $pid
	json_lines '[x["kind"] for x in xs if x["kind"] != "event"] == ["epoch", "gone", "epoch"] and
		xs[0]["epoch"] != [x for x in xs if x["kind"] == "epoch"][1]["epoch"] and
		xs[-1]["fields"]["text"] == "back"' <"$tmp/out"
}

run_cases

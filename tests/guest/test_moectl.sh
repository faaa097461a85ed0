#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# moectl against the real kernel. Cases are the functions test_*; check: limit=300

set -u

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
commands=(status modules module set monitor log run table publish doctor version)

# ---- helpers ----------------------------------------------------------------------

fail() { # TEXT
	echo "${1:0:2000}"
	exit 1
}

same() { # WANTED GOT
	[ "$1" = "$2" ] || fail "$(printf 'wanted: %q\ngot:    %q' "$1" "$2")"
}

has() { # TEXT PATTERN
	[[ $1 == *"$2"* ]] || fail "$(printf 'no %q in: %q' "$2" "$1")"
}

has_not() {
	[[ $1 != *"$2"* ]] || fail "$(printf '%q is in: %q' "$2" "$1")"
}

# Run a command that shall end with STATUS, print nothing on stdout, and say on
# stderr, in lines that begin so, "moectl: ... TEXT".
refused() { # STATUS TEXT COMMAND...
	local status=$1 text=$2 got=0
	shift 2
	"$@" >"$tmp/out" 2>"$tmp/err" || got=$?
	[ "$got" = "$status" ] || fail "exit status $got of: $*"
	same '' "$(cat "$tmp/out")"
	has "$(cat "$tmp/err")" "$text"
	has "$(head -n 1 "$tmp/err")" 'moectl: '
	! grep -qE '[Ee]rrno|error -?[0-9]+|Unknown error' "$tmp/err" ||
		fail "a bare errno: $(cat "$tmp/err")"
}

# Nothing that a terminal would obey, but newlines and tabs.
printable() { # TEXT
	! LC_ALL=C grep -q $'[\001-\010\013-\037\177]' <<<"$1" ||
		fail "$(printf 'control characters: %q' "$1")"
}

json() { # EXPRESSION, over x: stdin as one JSON value
	python3 -c 'import json, sys
x = json.loads(sys.stdin.buffer.read().decode("utf-8", "strict"))
v = eval("(" + sys.argv[1] + ")")
sys.exit(0 if v is True else f"{sys.argv[1]}: {v!r} in {x!r}")' "$1"
}

json_lines() { # EXPRESSION, over xs: the objects, one a line
	python3 -c 'import json, sys
xs = [json.loads(line) for line in sys.stdin.buffer.read().decode("utf-8", "strict").splitlines()]
v = eval("(" + sys.argv[1] + ")")
sys.exit(0 if v is True else f"{sys.argv[1]}: {v!r} in {xs!r}")' "$1"
}

# As moectl is seen on a terminal of 80 columns.
terminal() { # COMMAND
	COLUMNS=80 TERM=xterm script -qec "$1" /dev/null </dev/null | tr -d '\r'
}

nobody() { setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps=-all "$@"; }
powerless() { setpriv --bounding-set=-all --inh-caps=-all "$@"; }
next_seq() { moectl status --tab | awk '$1 == "log_next" { print $2 }'; }

# The last user.message, as the kernel has it.
last_message() { moectl log --type user.message --json | tail -n 1; }

# Wait until a file has a text.
await() { # FILE TEXT
	for _ in {1..100}; do
		! grep -q -- "$2" "$1" || return 0
		sleep 0.1
	done
	fail "no $2 came: $(cat "$1")"
}

# ---- help and usage -----------------------------------------------------------------

test_help() {
	local c text
	text=$(moectl --help)
	for c in "${commands[@]}"; do
		has "$text" "  $c "
		has "$(moectl "$c" --help)" "Usage: moectl $c"
		has "$(moectl "$c" --help)" "Examples:
  moectl "
		has "$(moectl "$c" --help)" "  moectl $c"
		has "$(moectl "$c" --usage)" "Usage: moectl $c"
	done
	has "$(moectl --version)" "moectl $(moectl version | awk '$1 == "moectl" { print $2 }')"
}

test_usage_errors() {
	refused 2 'which command' moectl
	refused 2 "did you mean 'status'" moectl stauts
	refused 2 'lists them' moectl frobnicate
	refused 2 'unrecognized option' moectl monitor --frobnicate
	refused 2 "moectl monitor --help" moectl monitor --frobnicate
	refused 2 'too much' moectl status now
	refused 2 'too much' moectl module a b
	refused 2 'which module' moectl module
	refused 2 'NAME.PARAM=VALUE' moectl set
	refused 2 'NAME.PARAM=VALUE' moectl set low=5
	refused 2 'key=value' moectl run core.ping hello
	refused 2 'go together' moectl run --list core.ping
	refused 2 '--since 0' moectl log --since 0
	refused 2 '--min-priority loud' moectl log --min-priority loud
	refused 2 '--count 0' moectl monitor --count 0
	refused 2 '--timeout x' moectl monitor --timeout x
	refused 2 'Give a text' moectl publish
	refused 2 'Give a text' moectl publish ''
	refused 2 '--priority critical' moectl publish --priority critical x
	refused 2 '4096' moectl publish "$(printf '%5000s' x)"
	for c in monitor table 'publish x' version; do
		# shellcheck disable=SC2086
		refused 2 'does not work with --procfs' moectl --procfs $c
	done
}

# ---- the commands -----------------------------------------------------------------------

test_status() {
	local text
	moectl status --json | json 'x["state"] in ("ok", "starting", "degraded") and
		x["log_attempted"] == x["log_logged"] + x["log_refused"] and
		x["log_logged"] == x["log_held"] + x["log_overwritten"] + x["log_cleared"] and
		x["epoch"].startswith("0x") and 0 < x["memory"] < 1000'
	text=$(moectl status)
	same 23 "$(wc -l <<<"$text")"
	has "$text" $'log_size\t'
	# The same names in the same order through procfs.
	same "$(cut -f1 <<<"$text")" "$(moectl status --procfs | cut -f1 | grep -v last_call)"
	moectl status --procfs --json | json 'isinstance(x["log_next"], int) and x["version"] == "'"$(
		moectl status --tab | awk '$1 == "version" { print $2 }')"'"'
	text=$(terminal 'moectl status')
	has "$text" 'State        '
	has "$text" '% in use'
	has "$(moectl status --pretty --procfs)" 'State        '
}

test_modules() {
	moectl modules --json | json '[m["state"] for m in x if m["name"] == "mem_monitor"] == ["running"]'
	has "$(moectl modules)" $'mem_monitor\trunning\t'
	has "$(terminal 'moectl modules')" 'NAME'
	same $'core\trunning\nmem_monitor\trunning' "$(moectl modules --procfs | sort)"
	moectl modules --procfs --json | json '{"name": "mem_monitor", "state": "running"} in x'
}

test_module() {
	moectl module mem_monitor --json | json 'x["state"] == "running" and
		any(p["name"] == "mem_monitor.low" and p["writable"] for p in x["params"]) and
		[c["name"] for c in x["commands"]] == ["mem_monitor.sample"] and
		"mem_monitor.victim" in [e["name"] for e in x["event_types"]]'
	has "$(moectl module mem_monitor)" $'module\tmem_monitor\trunning\t'
	has "$(moectl module mem_monitor)" $'\nparam\tmem_monitor.low\t200\tpermille\t'
	has "$(moectl module core)" $'\ncommand\tparam.set\t'
	has "$(moectl module mem_monitor --pretty)" '20.0%'
	has "$(moectl module mem_monitor --procfs)" $'state\trunning'
	has "$(moectl module mem_monitor --procfs)" $'param.low\t200'
	refused 1 "did you mean 'mem_monitor'" moectl module memmonitor
	refused 1 '' moectl module ../status --procfs
	refused 1 '' moectl module nothing --procfs
}

test_set() {
	same '' "$(moectl set mem_monitor.low=21% mem_monitor.consumers=2)"
	has "$(moectl module mem_monitor)" $'mem_monitor.low\t210\t'
	has "$(moectl module mem_monitor)" $'mem_monitor.consumers\t2\t'
	moectl set mem_monitor.low=200 --json | json 'x == {"mem_monitor.low": "200"}'
	moectl set mem_monitor.consumers=3 --procfs
	has "$(moectl module mem_monitor)" $'mem_monitor.consumers\t3\t'
	refused 1 "did you mean 'mem_monitor.low'" moectl set mem_monitor.lo=1
	refused 1 'low: ' moectl set mem_monitor.low=nonsense
	refused 1 'low: ' moectl set mem_monitor.low=99999
	refused 1 'param.set' moectl set mem_monitor.low=99999 --procfs
}

test_run() {
	moectl run core.ping text=hello --json | json 'x["text"] == "hello" and x["time"] > 10**18'
	has "$(moectl run core.ping text=hello)" $'text\thello'
	has "$(terminal 'moectl run core.ping text=hello')" 'text  hello'
	has "$(moectl run core.ping 'text=a "b" \ c' --procfs)" $'text\ta "b" \\\\ c'
	moectl run core.ping $'text=\n\t\r\e[m"\\' --procfs --json | json 'x["text"] == "\n\t\r\x1b[m\"\\"'
	moectl run core.ping delay=100ms --json | json '"time" in x'
	moectl run core.ping delay=100ms --procfs --json | json '"time" in x'
	refused 1 'no answer in time' moectl run core.ping delay=5s --timeout 0.2
	refused 1 'no answer in time' moectl run core.ping delay=5s --timeout 0.2 --procfs
	refused 1 "did you mean 'core.ping'" moectl run core.pong
	refused 1 'core.pong' moectl run core.pong --procfs
	refused 1 'bogus' moectl run core.ping bogus=1
	refused 1 'bogus' moectl run core.ping bogus=1 --procfs
	refused 1 'delay' moectl run core.ping delay=soon
	refused 1 'name' moectl run module.stop
	refused 1 'no such module' moectl run module.stop name=nothing
}

test_run_list() {
	has "$(moectl run --list)" $'core.ping\t[text=TEXT] [delay=DURATION]\t'
	has "$(moectl run)" $'param.set\tname=TEXT value=TEXT\t'
	moectl run --list --json | json '[c["arguments"][0]["name"] for c in x
		if c["command"] == "core.ping"] == ["text"]'
	refused 1 'procfs' moectl run --list --procfs
}

test_table() {
	local table
	has "$(moectl table)" 'event_types'
	for table in $(moectl table); do
		moectl table "$table" >"$tmp/tab"
		[ -s "$tmp/tab" ] || fail "table $table is empty"
		moectl table "$table" --json | json 'isinstance(x, list) and len(x) == '"$(wc -l <"$tmp/tab")"
		# Every line has every column.
		same 1 "$(awk -F'\t' '{ print NF }' "$tmp/tab" | sort -u | wc -l)"
		printable "$(terminal "moectl table $table")"
	done
	refused 1 "did you mean 'params'" moectl table param
}

test_publish() {
	same '' "$(moectl publish --priority notice hello world)"
	last_message | json 'x["fields"]["text"] == "hello world" and x["priority"] == "notice" and
		x["fields"]["comm"] == "moectl" and x["source"] == "user"'
	moectl publish x --json | json 'x == {"priority": "info", "text": "x"}'
}

test_version() {
	moectl version --json | json 'set(x) == {"moectl", "libmoeai", "module"}'
	has "$(moectl version)" $'module\t'
}

# ---- events -------------------------------------------------------------------------------

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

# ---- terminal and pipe ------------------------------------------------------------------

test_terminal() {
	local text
	moectl publish --priority warning "$(printf '%300s' long)"
	text=$(terminal 'moectl log --min-priority warning')
	has "$text" $'\e['
	has "$text" 'SEQ PRIORITY'
	text=$(NO_COLOR=1 terminal 'moectl log --min-priority warning')
	has_not "$text" $'\e'
	awk 'length($0) > 84 { exit 1 }' <<<"$text" || fail "wider than the terminal: $text"
	# Elsewhere nothing is cut or coloured.
	has "$(moectl log --pretty)" '   long'
	has_not "$(moectl log --pretty)" $'\e'
	has "$(terminal 'moectl log --tab')" $'event\t'
}

# ---- without privilege, without the module --------------------------------------------

test_unprivileged() {
	local as
	for as in nobody powerless; do
		# What is open to everybody works.
		$as moectl status >/dev/null || fail "$as: status"
		$as moectl status --procfs >/dev/null || fail "$as: status --procfs"
		$as moectl modules >/dev/null || fail "$as: modules"
		$as moectl run --list >/dev/null || fail "$as: run --list"
		$as moectl table event_types >/dev/null || fail "$as: table"
		# The rest says what is needed.
		refused 1 CAP_SYS_ADMIN $as moectl log --procfs
		refused 1 CAP_SYS_ADMIN $as moectl monitor --timeout 1 --transport netlink
		refused 1 CAP_SYS_ADMIN $as moectl table params
		refused 1 CAP_NET_ADMIN $as moectl run core.ping
		refused 1 CAP_NET_ADMIN $as moectl run core.ping --procfs
		refused 1 CAP_NET_ADMIN $as moectl set mem_monitor.low=200
		refused 1 CAP_NET_ADMIN $as moectl publish x
		refused 1 CAP_NET_ADMIN $as moectl modules --procfs
		# All but the parameters is shown.
		$as moectl module mem_monitor >"$tmp/out" 2>"$tmp/err" && fail "$as: module: 0"
		has "$(cat "$tmp/out")" $'command\tmem_monitor.sample'
		has "$(cat "$tmp/err")" CAP_SYS_ADMIN
	done
	# Root owns the device, with capabilities or without.
	refused 1 CAP_SYS_ADMIN nobody moectl log
	refused 1 CAP_SYS_ADMIN nobody moectl monitor --timeout 1
	powerless moectl log >/dev/null || fail 'powerless: log'
}

unload() { modprobe -r moeai_mem_monitor && modprobe -r moeai; }
load() { modprobe moeai && modprobe moeai_mem_monitor; }

test_without_module() {
	unload || fail 'cannot unload'
	for c in status modules 'module x' 'set a.b=1' log 'run core.ping' table 'publish x'; do
		# shellcheck disable=SC2086
		refused 1 'modprobe moeai' moectl $c
	done
	for c in status modules log 'run core.ping' 'module x' 'set a.b=1'; do
		# shellcheck disable=SC2086
		refused 1 'modprobe moeai' moectl $c --procfs
	done
	moectl version --json | json '"module" not in x'
	moectl monitor --timeout 0.2 2>"$tmp/err" || fail 'it is waited for'
	has "$(cat "$tmp/err")" 'modprobe moeai'
	load
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

# ---- runner -------------------------------------------------------------------------------

n=0 failed=0
mapfile -t cases < <(declare -F | awk '$3 ~ /^test_/ { print substr($3, 6) }')
for case in "${cases[@]}"; do
	# shellcheck disable=SC2053
	[[ $case == ${MOEAI_TEST_FILTER:-*} ]] || continue
	n=$((n + 1))
	(
		set -e
		"test_$case"
	) >"$tmp/said" 2>&1
	status=$?
	if [ $status -eq 0 ]; then
		echo "ok $n - $case"
	else
		echo "not ok $n - $case"
		sed 's/^/# /' "$tmp/said"
		failed=$((failed + 1))
		load # the case may have ended between unload and load
	fi
done
echo "1..$n"
[ $failed -eq 0 ]

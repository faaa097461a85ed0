#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# moectl against the real kernel. Cases are the functions test_*; check: limit=300

set -u

# shellcheck source=tests/guest/moectl.sh
. tests/guest/moectl.sh

commands=(status modules module set monitor log run table save restore publish doctor version)

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
	for c in monitor table save 'restore x' 'publish x' version; do
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
	# What is called pid or comm is marked so, wherever it stands.
	same '' "$(moectl table fields | awk -F'\t' '($4 == "pid" || $4 == "comm") && $7 !~ $4')"
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
	has "$(moectl run)" $'param.set\tname=TEXT value=TEXT [confirm='
	moectl run --list --json | json '[c["arguments"][0]["name"] for c in x
		if c["command"] == "core.ping"] == ["text"]'
	refused 1 'procfs' moectl run --list --procfs
}

test_table() {
	local table
	has "$(moectl table)" 'event_types'
	for table in $(moectl table); do
		moectl table "$table" >"$tmp/tab"
		[ -s "$tmp/tab" ] || [ "$table" = shmem ] || fail "table $table is empty"
		[ -s "$tmp/tab" ] || continue
		# Who asks for the largest processes is one.
		[ "$table" = mem_monitor.consumers ] || moectl table "$table" --json |
			json 'isinstance(x, list) and len(x) == '"$(wc -l <"$tmp/tab")"
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

run_cases

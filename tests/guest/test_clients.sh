#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Programs that are not ours, and know nothing of us but what a description
# says, against the real kernel. Cases are the functions test_*; check: limit=420

set -u

# shellcheck source=tests/clients/cases.sh
. tests/clients/cases.sh

clients=tests/clients
spec=docs/moeai.yaml
dissector=docs/wireshark/moeai.lua

generic() { "$clients/generic.py" "$spec" "$@"; }
ask() { generic "do" "$@"; }
unload() { modprobe -r moeai_mem_monitor && modprobe -r moeai; }
load() { modprobe moeai && modprobe moeai_mem_monitor; }
# What a text is in the generic client's bytes.
hex() { printf '%s\0' "$1" | od -An -v -tx1 | tr -d ' \n'; }

# ---- the netlink spec ---------------------------------------------------------------

test_spec_status() {
	ask status | json 'x["state"] in ("starting", "ok", "degraded") and
		x["log-attempted"] == x["log-logged"] + x["log-refused"] and x["version"] != ""'
	generic subscribe status --count 1 2>/dev/null |
		json 'x["operation"] == "status-ntf" and x["message"]["uptime"] > 0'
	nobody "$clients/generic.py" "$spec" "do" status | json 'x["uptime"] > 0'
}

# The command's fields are found in table fields, as a program would do.
test_spec_call() {
	local id
	id=$(generic dump fields '{"table":"fields"}' | python3 -c 'import json, sys
print(*[r["id"] for m in map(json.loads, sys.stdin) for r in m["row"]
	if (r["kind"], r["owner"], r["name"]) == ("args", "core.ping", "text")])')
	ask command '{"name":"core.ping","args":{"field-'"$id"'":"'"$(hex hello)"'"}}' \
		--answer response | json 'x["status"] == 0 and x["data"]["field-'"$id"'"] == "'"$(hex hello)"'"'
	# An answer that comes after the acknowledgement.
	ask command '{"id":1,"args":{"field-2":"0000000100000000"}}' --answer response |
		json 'x["status"] == 0 and x["id"] == 1'
	ask command '{"name":"module.stop","args":{"field-1":"'"$(hex nothing)"'"}}' \
		--answer response | json 'x["status"] == -2 and "no such module" in x["message"]'
	! ask command '{"name":"core.pong"}' 2>"$tmp/err" || fail 'core.pong is there'
	has "$(cat "$tmp/err")" '-ENOENT: no such command'
}

test_spec_tables() {
	local table
	generic dump fields '{"table":"fields"}' | json 'any(r["type"] == "enum" and
		r["labels"].startswith("starting|ok") for m in xs for r in m["row"])'
	for table in modules commands event_types params log; do
		generic dump data '{"table":"'$table'"}' >"$tmp/rows"
		json 'x["table"] == "'$table'" and len(set(m["generation"] for m in xs)) == 1' <"$tmp/rows"
		same "$(moectl table $table | wc -l)" "$(python3 -c 'import json, sys
print(sum(len(json.loads(line)["row"]) for line in sys.stdin))' <"$tmp/rows")"
	done
	! generic dump data '{"table":"nothing"}' 2>"$tmp/err" || fail 'table nothing is there'
	has "$(cat "$tmp/err")" '-ENOENT: no such table'
	! ask data '{"table":"modules","action":"flush"}' 2>"$tmp/err" ||
		fail 'table modules is no more'
	has "$(cat "$tmp/err")" '-EPERM: '
}

test_spec_replay() {
	ask publish '{"priority":"notice","data":{"text":"published by the spec"}}'
	generic dump replay '{"filter":{"type":[3,4],"min-priority":"notice"}}' >"$tmp/out"
	json 'xs[0]["first"] >= 1 and xs[0]["next"] > x["seq"] and x["type"] == 3 and
		x["data"]["field-1"] == "'"$(hex 'published by the spec')"'" and x["priority"] == "notice"' \
		<"$tmp/out"
	! generic dump replay '{"filter":{"since":1,"epoch":1}}' >"$tmp/out" 2>"$tmp/err" ||
		fail 'of any epoch'
	has "$(cat "$tmp/err")" '-ESTALE: '
	json '"epoch" in x' <"$tmp/out"
}

test_spec_subscribe() {
	generic subscribe events --count 2 --timeout 30 >"$tmp/out" 2>"$tmp/err" &
	await "$tmp/err" joined
	moectl publish one
	moectl publish two
	wait $! || fail "$(cat "$tmp/err")"
	json '[m["message"]["data"]["field-1"] for m in xs] == ["'"$(hex one)"'", "'"$(hex two)"'"] and
		x["operation"] == "event"' <"$tmp/out"
}

# ---- header, spec, dissector and kernel agree ------------------------------------------

test_consistency() {
	"$clients/consistency.py"
}

# What is changed in one place only is found.
test_consistency_mutants() {
	"$clients/mutants.py"
}

# ---- other people's programs --------------------------------------------------------------

test_genl_ctrl_list() {
	local text
	text=$(genl-ctrl-list -d | sed -n '/MOEAI/,/^0x/p')
	has "$text" 'MOEAI version 1'
	has "$text" '(0x02) <admin_perm,has_doit,has_policy>'
	has "$text" 'grp events'
	has "$text" 'grp status'
}

test_genl() {
	local text
	text=$(genl ctrl get name MOEAI)
	has "$text" 'Name: MOEAI'
	text=$(genl ctrl policy name MOEAI)
	has "$text" 'attr[5]: type=U32 range:[0,3]'
	has "$text" 'type=NUL_STRING max len:63'
}

test_genl_monitor() {
	genl ctrl monitor >"$tmp/out" 2>&1 &
	local pid=$!
	sleep 1
	unload
	load
	await "$tmp/out" MOEAI
	sleep 1
	kill $pid
	wait $pid || true
	[ "$(grep -c MOEAI "$tmp/out")" -ge 2 ] || fail "$(cat "$tmp/out")"
}

test_strace() {
	strace -f -e trace=%network -v -s 4096 -o "$tmp/trace" moectl status >/dev/null
	grep -q 'nlmsg_type=MOEAI' "$tmp/trace" || fail "$(cat "$tmp/trace")"
}

test_pyroute2() {
	"$clients/pyroute.py"
}

# ---- nlmon and Wireshark -------------------------------------------------------------------

test_wireshark() {
	local dumpcap text
	modprobe nlmon
	ip link add nlmon0 type nlmon
	ip link set nlmon0 up
	dumpcap -q -i nlmon0 -w "$tmp/capture" 2>"$tmp/err" &
	dumpcap=$!
	await "$tmp/err" File:
	for _ in {1..100}; do [ ! -s "$tmp/capture" ] || break; sleep 0.1; done

	moectl monitor --count 2 --timeout 30 >"$tmp/out" &
	await "$tmp/out" epoch
	moectl publish 'seen on the wire'
	moectl run core.ping text=hello >/dev/null
	moectl run mem_monitor.sample >/dev/null
	moectl set mem_monitor.low=200
	wait $!
	moectl log >/dev/null
	moectl table modules >/dev/null
	moectl status >/dev/null
	ask data '{"table":"modules","action":"flush","txn":7}' 2>/dev/null || true
	sleep 1
	kill $dumpcap
	wait $dumpcap || true
	ip link del nlmon0

	# Rows that came before "fields" are known at the second look.
	tshark -2 -X "lua_script:$dissector" -r "$tmp/capture" -Y moeai -O moeai >"$tmp/out" 2>"$tmp/err"
	! grep -E -B 5 'unknown attribute|unknown message|: unknown\]|[Mm]alformed|Lua Error' "$tmp/out" || fail 'not all is known'
	for text in 'MoeAI: event user.message' 'MoeAI: event core.command' 'MoeAI: event announcement' \
		'MoeAI: command core.ping' 'MoeAI: response core.ping' 'MoeAI: data modules' \
		'MoeAI: status' 'text: seen on the wire' 'text: hello' 'level: none' 'total: [0-9]* bytes' \
		'priority: notice (2)' 'comm: moectl' 'via: netlink' 'action: flush (4)' 'txn: 7' \
		'name: mem_monitor' 'state: running' 'state: ok (1)' 'epoch: 0x'; do
		grep -q "$text" "$tmp/out" || fail "no '$text' in: $(grep MoeAI: "$tmp/out" | sort | uniq -c)"
	done
	same user.message "$(tshark -X "lua_script:$dissector" -r "$tmp/capture" -T fields \
		-e moeai.event.type_name -Y 'moeai.field == "text=seen on the wire" && moeai.event.seq &&
			moeai.event.priority == 1 && !(moeai.message == 5)' 2>/dev/null | head -n 1)"
}

# ---- the kernel's own count of losses --------------------------------------------------------

test_drops() {
	moectl set core.publish_rate=0
	"$clients/overrun.py" $spec 2500
	moectl set core.publish_rate=1000
}

run_cases

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
header=include/uapi/linux/moeai.h
dissector=docs/wireshark/moeai.lua

generic() { "$clients/generic.py" "$spec" "$@"; }
unload() { modprobe -r moeai_mem_monitor && modprobe -r moeai; }
load() { modprobe moeai && modprobe moeai_mem_monitor; }
# What a text is in the generic client's bytes.
hex() { printf '%s\0' "$1" | od -An -v -tx1 | tr -d ' \n'; }

# ---- the netlink spec ---------------------------------------------------------------

test_spec_status() {
	generic do status | json 'x["state"] in ("starting", "ok", "degraded") and
		x["log-attempted"] == x["log-logged"] + x["log-refused"] and x["version"] != ""'
	generic subscribe status --count 1 2>/dev/null |
		json 'x["operation"] == "status-ntf" and x["message"]["uptime"] > 0'
	nobody "$clients/generic.py" "$spec" do status | json 'x["uptime"] > 0'
}

# The command's fields are found in table fields, as a program would do.
test_spec_call() {
	local id
	id=$(generic dump fields '{"table":"fields"}' | python3 -c 'import json, sys
print(*[r["id"] for m in map(json.loads, sys.stdin) for r in m["row"]
	if (r["kind"], r["owner"], r["name"]) == ("args", "core.ping", "text")])')
	generic do command '{"name":"core.ping","args":{"field-'"$id"'":"'"$(hex hello)"'"}}' \
		--answer response | json 'x["status"] == 0 and x["data"]["field-'"$id"'"] == "'"$(hex hello)"'"'
	# An answer that comes after the acknowledgement.
	generic do command '{"id":1,"args":{"field-2":"0000000100000000"}}' --answer response |
		json 'x["status"] == 0 and x["id"] == 1'
	generic do command '{"name":"module.stop","args":{"field-1":"'"$(hex nothing)"'"}}' \
		--answer response | json 'x["status"] == -2 and "no such module" in x["message"]'
	! generic do command '{"name":"core.pong"}' 2>"$tmp/err" || fail 'core.pong is there'
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
	! generic do data '{"table":"modules","action":"flush"}' 2>"$tmp/err" ||
		fail 'table modules is no more'
	has "$(cat "$tmp/err")" '-EPERM: '
}

test_spec_replay() {
	generic do publish '{"priority":"notice","data":{"text":"published by the spec"}}'
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
broken() { # FILE SED-SCRIPT SAYS [OPTION]
	local copy=$tmp/$(basename "$1") option
	case $1 in
	*.h) option=--header ;;
	*.yaml) option=--spec ;;
	*.lua) option=--dissector ;;
	esac
	sed -E "$2" "$1" >"$copy"
	! cmp -s "$1" "$copy" || fail "'$2' changes nothing in $1"
	! "$clients/consistency.py" "$option" "$copy" "${@:4}" >"$tmp/out" 2>&1 ||
		fail "not found: '$2' in $1"
	has "$(cat "$tmp/out")" "$3"
}

test_consistency_finds() {
	# Another attribute, name, number, type, constant, enum value in the header …
	broken $header 's|^\t__MOEAI_A_LOST_MAX|\tMOEAI_A_LOST_MORE, /* u32 */\n&|' more --offline
	broken $header 's/MOEAI_A_EVENT_FIRST\b/MOEAI_A_EVENT_OLDEST/' oldest --offline
	broken $header '/MOEAI_A_COMMAND_ID,/d' 'attribute 1' --offline
	broken $header 's|(MOEAI_A_ERROR_ROW,.*)u64|\1u32|' 'row is u32' --offline
	broken $header 's/(MOEAI_ARGS_MAX\s+)64/\165/' args-max --offline
	broken $header 's|^\t__MOEAI_PRIO_MAX|\tMOEAI_PRIO_PANIC,\n&|' panic --offline
	broken $header 's|^\t__MOEAI_MSG_MAX|\tMOEAI_MSG_MORE,\n&|' more --offline
	# … in the dissector …
	broken $dissector 's/"from u64"/"since u64"/' since --offline
	broken $dissector 's/"failed u32", //' failed --offline
	broken $dissector 's/\[3\] = "stopping"/[4] = "stopping"/' stopping --offline
	# … in the spec …
	broken $spec 's/\{ name: txn, type: u32/{ name: txn, type: u64/' 'txn is u32'
	broken $spec 's/(name: min-priority.*max: )4/\13/' min-priority
	broken $spec 's/(name: value, .*max-len: )255/\1256/' 'value ranges over'
	broken $spec 's/flags: \[ admin-perm \]//' admin-perm
	broken $spec 's/(attributes: \[ table, action, row, txn, more, abort), confirm/\1/' confirm
	broken $spec 's/(entries: \[ stopped, running, failed), gone/\1/' gone
	broken $spec '/name: log-next, type/d' log-next
}

# In all files but not in the kernel.
test_consistency_kernel() {
	sed 's|^\t__MOEAI_A_COMMAND_MAX|\tMOEAI_A_COMMAND_TIMEOUT, /* u32 */\n&|' $header >"$tmp/moeai.h"
	sed -E 's|^( *)- \{ name: args, type: nest.*|&\n\1- { name: timeout, type: u32 }|
		s|\[ id, name, args \]|[ id, name, args, timeout ]|' $spec >"$tmp/moeai.yaml"
	sed 's|"args by" }|"args by", "timeout u32" }|' $dissector >"$tmp/moeai.lua"
	set -- --header "$tmp/moeai.h" --spec "$tmp/moeai.yaml" --dissector "$tmp/moeai.lua"
	"$clients/consistency.py" "$@" --offline
	! "$clients/consistency.py" "$@" >"$tmp/out" || fail 'not found'
	same "policy of message 2:: spec has 4 = timeout, kernel has not" "$(cat "$tmp/out")"
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

# Dissect what was captured: with a filter, one line a packet of the given fields.
dissect() { # FILTER [TSHARK OPTION]...
	local filter=$1
	shift
	tshark -X "lua_script:$dissector" -r "$tmp/capture" -Y "$filter" "$@" 2>/dev/null
}

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
	generic do data '{"table":"modules","action":"flush","txn":7}' 2>/dev/null || true
	sleep 1
	kill $dumpcap
	wait $dumpcap || true
	ip link del nlmon0

	# All of ours was taken for ours, nothing was unknown.
	same '' "$(dissect 'moeai.unknown || moeai.malformed || _ws.lua.error || _ws.malformed')"
	same '1 2 3 4 5' "$(dissect moeai -T fields -e moeai.message | tr ',' '\n' | sort -u | xargs)"
	has "$(dissect 'moeai.field.value == "seen on the wire"' -T fields -e moeai.event.type_name)" \
		user.message
	has "$(dissect 'moeai.message == 2' -T fields -e moeai.command.name -e moeai.field)" text=hello
	text=$(dissect 'moeai.message == 3' -O moeai)
	has "$text" 'MoeAI: response core.ping'
	has "$text" 'text: hello'
	has "$text" 'level: none'
	has "$text" ' bytes'
	text=$(dissect 'moeai.event.seq' -O moeai)
	has "$text" 'priority: notice (2)'
	has "$text" 'comm: moectl'
	has "$text" 'via: netlink'
	has "$(dissect 'moeai.data.action == 4' -O moeai)" 'txn: 7'
	text=$(dissect 'moeai.data.table == "modules"' -T fields -e moeai.field)
	has "$text" name=mem_monitor
	has "$text" state=running
	has "$(dissect moeai.status.state -O moeai)" 'state: ok (1)'
	has "$(dissect 'moeai.event.first' -O moeai)" announcement
}

# ---- the kernel's own count of losses --------------------------------------------------------

test_drops() {
	moectl set core.publish_rate=0
	"$clients/overrun.py" $spec 2500
	moectl set core.publish_rate=1000
}

run_cases

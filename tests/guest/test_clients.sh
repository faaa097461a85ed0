#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Programs that are not ours, and know nothing of us but what a description
# says, against the real kernel. Cases are the functions test_*; check: limit=900 slow kernels=6.1,6.12,7.3

set -u

# shellcheck source=tests/clients/cases.sh
. tests/clients/cases.sh

clients=tests/clients
spec=docs/moeai.yaml
dissector=docs/wireshark/moeai.lua

unload() { modprobe -r moeai_mem_monitor && modprobe -r moeai; }
load() { modprobe moeai && modprobe moeai_mem_monitor; }

# ---- the netlink spec ---------------------------------------------------------------

# The kernel's own client, which has seen nothing but the spec.
by_ynl() { "$clients/ynl.py" build/ynl $spec "$@"; }

test_ynl_status() {
	by_ynl status
	nobody "$clients/ynl.py" build/ynl $spec status
}
test_ynl_command() { by_ynl command; }
test_ynl_tables() { by_ynl tables; }
test_ynl_events() { by_ynl events; }

test_ynl_change() {
	modprobe moeai_test
	by_ynl change
	rmmod moeai_test
}

# As people use it.
test_ynl_cli() {
	build/ynl/tools/net/ynl/cli.py --spec $spec --process-unknown \
		--schema build/ynl/Documentation/netlink/genetlink.yaml --output-json \
		--subscribe status --do command --json '{"name":"core.ping"}' >"$tmp/out"
	json 'xs[0] is None and x[-1]["name"] == "response" and x[-1]["msg"]["status"] == 0' \
		<"$tmp/out"
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
	local text ops
	text=$(genl-ctrl-list -d | sed -n '/MOEAI/,/^0x.* version/p')
	has "$text" 'MOEAI version 1'
	has "$text" 'hdrsize 0'
	has "$text" 'grp events (0x'
	has "$text" 'grp status (0x'
	# No response: that is no operation.
	ops=$(grep -oE '\(0x[0-9a-f]+\) <.*>' <<<"$text")
	same "$(printf '%s\n' '(0x01) <has_doit,has_dump,has_policy>' \
		'(0x02) <admin_perm,has_doit,has_policy>' '(0x04) <has_doit,has_policy>' \
		'(0x05) <has_doit,has_dump,has_policy>')" "$ops"
}

test_genl() {
	local text index
	text=$(genl ctrl get name MOEAI)
	has "$text" 'Name: MOEAI'
	text=$(genl ctrl policy name MOEAI)
	# Of messages 1 and 2, and of the filter in message 1; consistency.py sees all.
	index=$(sed -nE 's/.* op 1 policies:.*do=([0-9]+).*/\1/p' <<<"$text")
	grep -qE "policy\[$index\]:attr\[5\]: type=U32 range:\[0,3\]" <<<"$text" || fail "$text"
	index=$(sed -nE 's/.*attr\[8\]: type=NESTED policy:([0-9]+) maxattr:5.*/\1/p' <<<"$text")
	grep -qE "policy\[$index\]:attr\[5\]: type=NUL_STRING max len:31" <<<"$text" || fail "$text"
	index=$(sed -nE 's/.* op 2 policies:.*do=([0-9]+).*/\1/p' <<<"$text")
	grep -qE "policy\[$index\]:attr\[2\]: type=NUL_STRING max len:63" <<<"$text" || fail "$text"
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

begin_capture() { # FILE
	modprobe nlmon
	ip link add nlmon0 type nlmon
	ip link set nlmon0 up
	dumpcap -q -i nlmon0 -w "$1" 2>"$tmp/dumpcap" &
	dumpcap=$!
	await "$tmp/dumpcap" File:
	for _ in {1..100}; do [ ! -s "$1" ] || break; sleep 0.1; done
}

end_capture() {
	sleep 1
	kill "$dumpcap"
	wait "$dumpcap" || true
	ip link del nlmon0
}

# Rows that came before "fields" are known at the second look.
dissect() { # FILE [ARGUMENT]...
	tshark -2 -X "lua_script:$dissector" -r "$@" 2>"$tmp/tshark"
	has_not "$(cat "$tmp/tshark")" Lua
}

test_wireshark() {
	local text
	modprobe moeai_test
	begin_capture "$tmp/capture"
	moectl monitor --transport netlink --count 2 --timeout 60 >"$tmp/out" &
	text=$!
	await "$tmp/out" epoch
	moectl publish 'by moectl'
	moectl set mem_monitor.low=200
	wait $text
	moectl run mem_monitor.sample >/dev/null
	"$clients/everything.py" $spec
	end_capture
	rmmod moeai_test

	dissect "$tmp/capture" -Y moeai -T pdml >"$tmp/out"
	! grep -E -B 5 'unknown (attribute|message)|s name: unknown|[Mm]alformed|Lua Error' "$tmp/out" ||
		fail 'not all is known'
	for text in 'MoeAI: event user.message' 'MoeAI: event core.command' \
		'MoeAI: event announcement' 'MoeAI: event lost' 'MoeAI: command core.ping' \
		'MoeAI: response core.ping' 'MoeAI: data test.rows' 'MoeAI: status' \
		'priority: notice (2)' 'state: [a-z]* ([0-2])' 'epoch: 0x' 'reason: cleared (1)' \
		'action: flush (4)' 'action: confirm (5)' 'txn: 7' 'confirm: 60' 'field: name' \
		'message: this name is forbidden' 'text: seen on the wire' 'via: netlink' \
		'level: none' 'total: [0-9]* bytes' 'bool: true' 'u32: 4000000000' 's32: -7' \
		'u64: 9223372036854775808' 's64: -1099511627776' 'string: a string' \
		'binary: [cC]0[fF][fF][eE][eE]' 'prefix: 192.0.2.0/24' 'prefix: 2001:db8::/32' \
		'enum: two' 'flags: a|c' 'bytes: 4096 bytes'; do
		grep -q -- "$text" "$tmp/out" ||
			fail "no '$text' in: $(grep -o 'MoeAI: [^"]*' "$tmp/out" | sort | uniq -c)"
	done

	# Each attribute that there is has been seen.
	grep -oE 'name="moeai\.[a-z_.]+"' "$tmp/out" | cut -d '"' -f 2 | sort -u >"$tmp/seen"
	text=$("$clients/everything.py" $spec --fields | sort | comm -23 - "$tmp/seen")
	same '' "$text"

	same user.message "$(dissect "$tmp/capture" -T fields -E occurrence=f \
		-e moeai.event.type_name -Y \
		'moeai.field == "text=seen on the wire" && moeai.event.seq && moeai.event.priority == 2' |
		head -n 1)"
}

# Nobody makes the dissector fail, nor the kernel.
test_wireshark_hostile() {
	begin_capture "$tmp/hostile"
	"$clients/everything.py" $spec --hostile
	end_capture
	dissect "$tmp/hostile" -Y moeai -O moeai >"$tmp/out"
	has "$(cat "$tmp/out")" 'unknown attribute'
	has "$(cat "$tmp/out")" 'malformed attribute'
	has_not "$(cat "$tmp/out")" 'Lua Error'
}

# ---- the kernel's own count of losses --------------------------------------------------------

test_drops() {
	moectl set core.publish_rate=0
	"$clients/overrun.py" $spec 2500
	moectl set core.publish_rate=1000
}

run_cases

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# moectl doctor, with each thing that it looks for made wrong. Cases are the
# functions test_*; check: limit=600 slow kernels=6.1

set -u

# shellcheck source=tests/clients/cases.sh
. tests/clients/cases.sh

# What it says of a check, as "verdict<TAB>finding<TAB>fix"; others are not to be
# problems, unless named.
finding() { # STATUS CHECK [OTHERS] [-- COMMAND...]
	local status=$1 check=$2 others='' got=0 problems
	shift 2
	[ $# -eq 0 ] || [ "$1" = -- ] || { others=$1 && shift; }
	[ $# -eq 0 ] || shift
	"$@" moectl doctor --tab >"$tmp/doctor" 2>"$tmp/doctor.err" || got=$?
	same '' "$(cat "$tmp/doctor.err")"
	same "$status" "$got"
	problems=$(awk -F '\t' -v check="$check" '$2 == "problem" && $1 != check { print $1 }' "$tmp/doctor")
	same "$others" "$(xargs <<<"$problems")"
	awk -F '\t' -v check="$check" '$1 == check' "$tmp/doctor" | cut -f 2-
}

unload() { modprobe -r moeai_mem_monitor && modprobe -r moeai; }
load() { modprobe moeai_mem_monitor; }

# Well, as far as this guest goes: it has no headers and no group.
test_well() {
	local text
	has "$(finding 0 module)" $'ok\tversion'
	has "$(finding 0 kernel)" $'note\t'
	has "$(finding 0 kernel)" "apt-get install linux-headers-$(uname -r)"
	has "$(finding 0 versions)" $'ok\tmoectl and libmoeai'
	has "$(finding 0 file)" "$(modinfo -F version moeai) in $(modinfo -F filename moeai)"
	has "$(finding 0 access)" $'ok\t'
	has "$(finding 0 caller)" $'ok\t'
	has "$(finding 0 holders)" $'ok\t'
	has "$(finding 0 buffer)" $'ok\t'
	has "$(finding 0 readers)" $'ok\t0 '
	moectl doctor --json | tr -d "\n" | json '[r["check"] for r in x] == ["kernel", "file", "module", "versions",
		"access", "signature", "group", "caller", "holders", "buffer", "losses", "readers"] and
		all(set(r) == {"check", "verdict", "finding", "fix"} for r in x)'
	text=$(moectl doctor --pretty)
	has "$text" 'ok       module '
	has "$text" "try: apt-get install linux-headers-$(uname -r)"
}

test_unloaded() {
	unload
	has "$(finding 1 module access)" $'problem\tthe module is not loaded\tmodprobe moeai'
	has "$(finding 1 access module)" $'problem\t'
	has "$(finding 1 losses 'module access')" $'note\tcannot be asked'
	# What mends it.
	bash -c "$(finding 1 module access | cut -f 3)"
	has "$(finding 0 module)" $'ok\t'
	load
}

test_not_installed() {
	local text
	mount -t tmpfs none "/usr/lib/modules/$(uname -r)"
	text=$(finding 0 file) || true
	umount "/usr/lib/modules/$(uname -r)"
	has "$text" $'note\tthere is no moeai.ko'
}

test_another_build() {
	local file text
	file=$(realpath "$(modinfo -F filename moeai)")
	# Another one, as an upgrade leaves it.
	sed 's/\(srcversion=\)..../\1AAAA/' "$file" >"$tmp/moeai.ko"
	mount --bind "$tmp/moeai.ko" "$file"
	text=$(finding 1 module) || true
	umount "$file"
	has "$text" $'is installed\tmodprobe -r moeai_mem_monitor moeai && modprobe -a moeai_mem_monitor'
	has "$(finding 0 module)" $'ok\t'
}

test_unprivileged() {
	local bare=(setpriv --bounding-set -all --inh-caps -all --securebits +noroot)
	has "$(finding 0 caller -- nobody)" $'note\t'
	has "$(finding 0 caller -- nobody)" 'CAP_SYS_ADMIN'
	has "$(finding 0 caller -- "${bare[@]}")" 'CAP_NET_ADMIN'
	has "$(finding 0 losses -- nobody)" $'ok\t'
	has "$(finding 0 access -- nobody)" $'ok\t'
	has "$(finding 0 caller -- unshare --user --map-root-user)" 'user namespace'
	unload
	has "$(finding 1 module access -- nobody)" $'problem\tthe module is not loaded'
	load
}

test_network_namespace() {
	local fix
	has "$(finding 1 access -- unshare --net)" $'problem\tthe module is loaded, but cannot be seen'
	fix=$(finding 1 access -- unshare --net | cut -f 3)
	unshare --net bash -c "$fix" >/dev/null || fail "no help: $fix"
}

test_buffer() {
	local fix reader=(setpriv --bounding-set -net_admin)
	sysctl -qw net.core.rmem_max=212992
	# CAP_NET_ADMIN passes it, others do not.
	has "$(finding 0 buffer)" $'ok\t'
	has "$(finding 0 buffer -- nobody)" $'note\t'
	fix=$(finding 1 buffer -- "${reader[@]}")
	has "$fix" $'problem\ta monitor of this caller would get 208 KiB, not 4096'
	bash -c "$(cut -f 3 <<<"$fix")" >/dev/null
	has "$(finding 0 buffer -- "${reader[@]}")" $'ok\t'
	sysctl -qw net.core.rmem_max=212992
}

# So does who has the device open.
test_readers_hold() {
	exec 4</dev/moeai
	has "$(finding 0 holders)" 'as by a reader of /dev/moeai by '
	exec 4<&-
	has "$(finding 0 holders)" $'ok\t'
}

# A dump that nobody reads on holds the modules.
test_holders() {
	local pid
	PYTHONPATH=tests/clients python3 - "$tmp/begun" <<'PYTHON' &
import sys, time
from netlink import *
family, s = Family("MOEAI"), Socket()
s.send(family.id, 5, 1, attribute(2, b"fields\0"), DUMP)
open(sys.argv[1], "w").write("begun")
time.sleep(60)
PYTHON
	pid=$!
	await "$tmp/begun" begun
	has "$(finding 0 holders)" $'note\tthe modules cannot be unloaded: used 1 times, as by a dump of'
	has "$(finding 0 holders)" "fields by python3, pid $pid"
	has "$(finding 0 holders -- nobody)" 'used 1 times'
	! modprobe -r moeai_mem_monitor moeai 2>/dev/null || fail 'unloaded'
	modprobe moeai_mem_monitor
	kill $pid
	wait $pid || true
	has "$(finding 0 holders)" $'ok\t'
}

# A reader that does not read.
test_readers() {
	local pid
	PYTHONPATH=tests/clients python3 - "$tmp/deaf" <<'PYTHON' &
import os, subprocess, sys, time
from netlink import *
s = Socket()
s.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
s.join(Family("MOEAI").groups["events"])
for i in range(8):
    subprocess.run(["moectl", "publish", "--priority=warning", "x" * 4000], check=True)
time.sleep(0.5)
open(sys.argv[1], "w").write(f"port {s.socket.getsockname()[0]}.\n")
time.sleep(60)
PYTHON
	pid=$!
	await "$tmp/deaf" port
	has "$(finding 1 readers)" 'messages were dropped for readers'
	has "$(finding 1 readers)" "most at netlink $(cut -d . -f 1 "$tmp/deaf");"
	kill $pid
	wait $pid || true
	has "$(finding 0 readers)" $'ok\t0 follow'
}

# Faster than publish_rate.
test_refused() {
	local text
	moectl set core.publish_rate=1 >/dev/null
	for _ in 1 2 3 4 5; do
		moectl publish much 2>/dev/null || true
	done
	text=$(finding 1 losses)
	has "$text" 'were refused, and are in no log: rate '
	has "$text" $'\tmoectl table log'
	has "$(finding 1 losses -- nobody)" 'were refused, and are in no log'
	moectl run stats.reset >/dev/null
	has "$(finding 0 losses)" $'ok\t'
	moectl set core.publish_rate=1000 >/dev/null
}

# More than the log holds.
test_overwritten() {
	unload
	modprobe moeai log_size=65536
	modprobe moeai_mem_monitor
	for _ in {1..24}; do
		moectl publish "$(printf '%04000d' 0)"
	done
	has "$(finding 0 losses)" 'are overwritten by newer ones'
	unload
	load
}

run_cases

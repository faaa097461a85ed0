#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# moectl mem, on pressure that is made up by a limit, and on kills in a cgroup. Cases
# are the functions test_*.

set -u

# shellcheck source=tests/guest/moectl.sh
. tests/guest/moectl.sh

group=/sys/fs/cgroup/test_mem
trap 'rmdir "$group" 2>/dev/null; rm -rf "$tmp"' EXIT

# Everything that a test has left is gone from the log, and from the level.
begin() {
	moectl set mem_monitor.low_bytes=0 >/dev/null
	moectl run log.clear >/dev/null
}

megabytes() { awk -v what="$1:" '$1 == what { print int($2 / 1024) }' /proc/meminfo; }

# An episode of pressure: the limit rises above what there is, and sinks again.
episode() {
	moectl set mem_monitor.low_bytes=$((($(megabytes MemAvailable) + 8) << 20)) >/dev/null
	[ "${1-}" = ongoing ] || moectl set mem_monitor.low_bytes=0 >/dev/null
}

# A program in a cgroup of 32 MiB that wants more; its pid is $victim.
killed() {
	echo +memory >/sys/fs/cgroup/cgroup.subtree_control
	mkdir -p "$group"
	echo 32M >"$group/memory.max"
	bash -c 'echo $$ >'"$group"'/cgroup.procs; exec -a eater tail /dev/zero' &
	victim=$!
	! wait "$victim" 2>/dev/null || fail 'nobody was killed'
	for _ in {1..50}; do
		! rmdir "$group" 2>/dev/null || return 0
		sleep 0.1
	done
	fail 'the cgroup does not go'
}

test_now() {
	local text total
	begin
	moectl mem --json >"$tmp/json"
	json 'x["level"] == "none" and x["cause"] == [] and x["total"] >= x["available"] > 0 and
		x["free"] > 0 and len(x["consumers"]) > 2 and
		[c["rank"] for c in x["consumers"]] == list(range(1, len(x["consumers"]) + 1)) and
		all(c["rss"] > 0 and c["started"] > 0 for c in x["consumers"])' <"$tmp/json"
	text=$(moectl mem)
	has "$text" $'level\tnone'
	has "$text" $'\navailable\t'
	has "$text" $'\nswap_free\t0'
	episode ongoing
	moectl mem now --count 1 --json |
		json 'x["level"] == "low" and x["cause"] == ["available"] and len(x["consumers"]) == 1'
	text=$(terminal 'moectl mem')
	has "$text" 'Level      low since 20'
	has "$text" ', by available'
	total=$(($(awk '/MemTotal/ { print $2 }' /proc/meminfo) / 1024))
	if [ $total -lt 1024 ]; then
		has "$text" "of $total."
	else
		has "$text" "of $((total / 1024)).$((total % 1024 * 10 / 1024))GiB"
	fi
	has "$text" ' RSS '
}

test_consumers() {
	local own
	sleep 600 & own=$!
	same 3 "$(moectl mem consumers --count 3 | wc -l)"
	moectl mem consumers | cut -f 2 >"$tmp/pids"
	grep -qx "$own" "$tmp/pids" || fail "$own is not among them: $(moectl mem consumers)"
	sleep 1.2 # until there is something to compare with
	moectl mem consumers --json | json "[type(c['growth']) is int and c['period'] > 0 and
		type(c['rate']) is int for c in x if c['pid'] == $own] == [True]"
	kill $own
}

test_history() {
	begin
	same '' "$(moectl mem history 2>/dev/null)"
	episode
	episode
	episode ongoing
	moectl mem history --json >"$tmp/json"
	json '[e["state"] for e in x] == ["over", "over", "ongoing"] and
		all(e["worst"] == "low" and e["cause"] == ["available"] and e["kills"] == 0 and
		e["lowest"] > 0 and e["pid"] > 0 and e["comm"] and e["rss"] > 0 for e in x) and
		all(e["ended"] - e["began"] == e["duration"] > 0 for e in x[:2]) and
		x[2]["ended"] is None and x[0]["ended"] < x[1]["began"]' <"$tmp/json"
	same 3 "$(moectl mem history 2>/dev/null | wc -l)"
	has "$(terminal 'moectl mem history')" ' ongoing '
	# Of an episode that the module did not see the end of.
	moectl run module.stop name=mem_monitor >/dev/null
	moectl set mem_monitor.low_bytes=0 >/dev/null
	moectl run module.start name=mem_monitor >/dev/null
	episode
	moectl mem history --json |
		json '[e["state"] for e in x] == ["over", "over", "unknown", "over"]'
	sleep 0.2
	same '' "$(moectl mem history --last 0.1 2>/dev/null)"
}

test_what_the_log_lost() {
	begin
	episode
	moectl run log.clear >/dev/null
	moectl mem history >"$tmp/out" 2>"$tmp/err"
	same '' "$(cat "$tmp/out")"
	has "$(cat "$tmp/err")" 'no longer in the log'
}

test_kills() {
	local text
	begin
	same '' "$(moectl mem kills 2>/dev/null)"
	killed
	moectl mem kills --json >"$tmp/json"
	json "[(k['pid'], k['comm'], k['user'], k['scope'], k['limit'], k['cgroup'], k['limit_cgroup'],
		k['invoker_pid'], k['order'] >= 0, 'GFP_' in k['gfp'], k['anon'] > 1 << 24,
		k['total'] > k['available'] > 1 << 25, k['swap'], k['untold']) for k in x] ==
		[($victim, 'tail', 'root', 'cgroup', 1 << 25, '/test_mem', '/test_mem', $victim,
		True, True, True, True, 0, 0)]" <"$tmp/json"
	text=$(moectl mem kills 2>/dev/null)
	same "$victim" "$(cut -f 2 <<<"$text")"
	same 25 "$(awk -F '\t' '{ print NF }' <<<"$text")"
	text=$(terminal 'NO_COLOR=1 moectl mem kills 2>/dev/null')
	has "$text" "tail, pid $victim, user root, was killed: a cgroup had reached its limit"
	has "$text" "wanted by    tail, pid $victim, order 0, GFP_"
	has "$text" 'the limit of /test_mem: 32MiB'
	# It is no critical event, and no episode.
	has "$(moectl log --type mem_monitor.victim --tab)" $'\twarning\t'
	same '' "$(moectl mem history 2>/dev/null)"
}

# What had run out is the cgroup's memory: how the system was before explains nothing.
test_why_of_a_cgroup() {
	local text
	begin
	episode
	killed
	text=$(moectl why "$victim" --tab | sed -n 's/^answer\t//p')
	has "$text" "tail[$victim] of root was killed by the kernel, because its cgroup had run out of memory (32MiB for /test_mem)"
	has_not "$text" 'Before that'
	has_not "$text" 'The largest then'
}

test_follow() {
	begin
	moectl mem follow --count 2 --timeout 60 --json >"$tmp/out" 2>"$tmp/err" &
	await "$tmp/out" '"epoch"'
	episode
	wait $! || fail "$(cat "$tmp/err")"
	json_lines '[x["type"] for x in xs if x["kind"] == "event"] ==
		["mem_monitor.level", "mem_monitor.consumer"]' <"$tmp/out"
}

test_refusals() {
	refused 2 "none of now, consumers, history, kills, follow" moectl mem there
	refused 2 "'kills' is too much" moectl mem history kills
	refused 2 '--last is for history and kills' moectl mem --last 10m
	refused 2 '--last ever' moectl mem history --last ever
	refused 2 '--count is for' moectl mem history --count 1
	refused 2 '--timeout and --transport' moectl mem consumers --timeout 1
	refused 1 CAP_SYS_ADMIN nobody moectl mem kills
	refused 1 CAP_NET_ADMIN nobody moectl mem
	refused 1 CAP_SYS_ADMIN nobody moectl mem consumers
	rmmod moeai_mem_monitor
	for what in now consumers history kills follow; do
		refused 1 'mem_monitor is not loaded: modprobe moeai_mem_monitor' moectl mem $what
	done
	modprobe moeai_mem_monitor
}

run_cases

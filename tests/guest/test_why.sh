#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# moectl why and timeline, on stories whose truth is known. Cases are the functions
# test_*; check: limit=600 slow

set -u

# shellcheck source=tests/guest/moectl.sh
. tests/guest/moectl.sh

base=$tmp/base w=$base/w
modprobe -a moeai_fs_logger moeai_net_guard

finish() {
	cd /
	stranger_down
	umount -R "$base"
	rm -rf "$tmp"
	modprobe -r moeai_fs_logger moeai_net_guard
} 2>/dev/null
trap finish EXIT

# ---- helpers ------------------------------------------------------------------------

# An empty folder in a file system of its own, watched; the log is empty.
begin() {
	umount -R "$base" 2>/dev/null || true
	mkdir -p "$base"
	mount -t tmpfs none "$base"
	mkdir "$w"
	moectl table fs_logger.watches flush >/dev/null
	moectl watch add "$w" --ops all >/dev/null
	moectl run log.clear >/dev/null
}

# Run a program that ends at once; its pid is $pid.
run() {
	"$@" &
	pid=$!
	wait "$pid"
}

# The same, as that pid, which somebody had before. Others may be quicker: try again.
run_as() { # PID COMMAND...
	local wanted=$1
	shift
	for _ in {1..50}; do
		echo $((wanted - 1)) >/proc/sys/kernel/ns_last_pid
		run "$@"
		[ "$pid" -ne "$wanted" ] || return 0
	done
	fail "pid $wanted was not to be had"
}

why() { moectl why "$@" --json >"$tmp/why" && json 'x["found"]' <"$tmp/why"; }
why_is() { json "$1" <"$tmp/why" || exit 1; }
answer() { moectl why "$@" --tab | sed -n 's/^answer\t//p'; }
sentences() { moectl timeline "$@" --tab | cut -f 6; }

# ---- a process ------------------------------------------------------------------------

test_killed() {
	local hog text by_clock='s/\(which started at .*\)\.[0-9]*\.$/\1/'
	moectl run log.clear >/dev/null
	tests/vm/memhog 32 0.1 &
	hog=$!
	wait $hog || true
	for _ in {1..100}; do
		[ "$(moectl log --type mem_monitor.recovered | wc -l)" -eq 0 ] || break
		sleep 0.2
	done
	text=$(answer $hog)
	has "$text" "memhog[$hog] of root was killed by the kernel, because the system had run out of memory"
	has "$text" "The largest then: memhog[$hog] of root, "
	has "$text" 'What was free: '
	has "$text" "It is memhog, process $hog"
	why $hog
	# What it says is what the events say.
	why_is "x['kind'] == 'pid' and x['process']['pid'] == $hog and x['process']['comm'] == 'memhog'"
	why_is "[e['fields']['anon'] > 64 << 20 for e in x['evidence']
		if e['type'] == 'mem_monitor.victim' and e['fields']['pid'] == $hog] == [True]"
	why_is "any(not e['about'] and e['type'] == 'mem_monitor.oom' for e in x['evidence'])"
	why_is "any(not e['about'] and e['type'] == 'mem_monitor.level' for e in x['evidence'])"
	why_is "[e['seq'] for e in x['evidence']] == sorted({e['seq'] for e in x['evidence']})"
	# By name, too; and nobody else's events are its. When it started is reckoned from two
	# clocks, and may differ by what lies between reading them.
	same "$(answer $hog | sed "$by_clock")" "$(answer memhog | sed "$by_clock")"
	moectl timeline memhog --json | json_lines "len(xs) > 1 and
		all(x['fields']['pid'] == $hog and x['sentence'] for x in xs)"
	# Before it there was nothing.
	refused 1 'within that time' moectl why $hog --until 1
}

# Who only wanted the memory that another one was killed for has not ended.
test_wanted_memory() {
	local group=/sys/fs/cgroup/test_why holder text
	echo +memory >/sys/fs/cgroup/cgroup.subtree_control
	mkdir "$group"
	echo $((64 << 20)) >"$group/memory.max"
	moectl run log.clear >/dev/null
	python3 -c "
import time
open('$group/cgroup.procs', 'w').write('0')
open('/proc/self/oom_score_adj', 'w').write('1000')
held = bytearray(40 << 20)
open('$tmp/held', 'w')
time.sleep(60)" &
	holder=$!
	for _ in {1..100}; do
		[ ! -e "$tmp/held" ] || break
		sleep 0.2
	done
	run sh -c "echo 0 >$group/cgroup.procs; exec dd if=/dev/zero of=/dev/null bs=40M count=1" \
		2>"$tmp/out" || fail "$(cat "$tmp/out")"
	wait $holder || true
	await_event mem_monitor.victim
	text=$(answer "$pid")
	has_not "$text" 'was killed by the kernel'
	has "$text" 'The last that is known: the OOM killer chose python3['
	has "$text" "; dd, process $pid, wanted memory"
	has "$text" "It is dd, process $pid"
	same "$text" "$(answer dd)"
	has "$(answer $holder)" "python3[$holder] of root was killed by the kernel, because its cgroup"
	rmdir "$group"
}

# The same pid, three processes; two of them are called the same.
test_pid_reuse() {
	local one
	begin
	run touch "$w/first"
	one=$pid
	run_as "$one" mkdir "$w/second"
	run_as "$one" touch "$w/third"
	why "$one"
	why_is "x['process']['pid'] == $one and x['process']['comm'] == 'touch'"
	why_is "{e['fields']['path'] for e in x['evidence'] if 'path' in e['fields']} >= {'/w/third'}"
	why_is "all(e['fields']['path'] not in ('/w/first', '/w/second') for e in x['evidence'])"
	why_is "sorted(o['comm'] for o in x['others']) == ['mkdir', 'touch']"
	why_is "len({o['started'] for o in x['others']} | {x['process']['started']}) == 3"
	has_not "$(sentences "$one")" first
	has "$(moectl timeline "$one" 2>&1 >/dev/null)" '2 other processes had that pid'
	# A message says when its publisher started, and is not taken for another's.
	run_as "$one" moectl publish hello
	same 'hello' "$(moectl timeline "$one" --json | tail -n 1 |
		python3 -c 'import json, sys; print(json.load(sys.stdin)["fields"]["text"])')"
	has_not "$(sentences "$one")" third
}

# A name that several had: the latest, and who else.
test_name() {
	local one two
	begin
	run touch "$w/one"
	one=$pid
	run touch "$w/two"
	two=$pid
	why touch
	why_is "x['kind'] == 'comm' and x['process']['pid'] == $two"
	why_is "[o['pid'] for o in x['others']] == [$one]"
	has "$(sentences touch)" "touch[$two] of root made $w/two"
	has "$(answer touch)" "It is touch, process $two, which started at "
	has_not "$(sentences touch)" "$w/one"
	has "$(moectl why touch --pretty)" "touch[$one], "
	# A longer name than the kernel keeps.
	cp "$(type -P touch)" "$base/a_very_long_name_indeed"
	run "$base/a_very_long_name_indeed" "$w/three"
	has "$(sentences a_very_long_name_indeed)" "a_very_long_nam[$pid] of root made $w/three"
}

# Who runs now, of whom nothing is known, does not get another one's story.
test_running() {
	local one
	begin
	run touch "$w/file"
	one=$pid
	for _ in {1..50}; do
		echo $((one - 1)) >/proc/sys/kernel/ns_last_pid
		sleep 60 &
		[ $! -ne "$one" ] || break
		kill $!
	done
	has "$(answer "$one")" "Another process has that pid now: sleep."
	kill "$one"
}

# ---- a file ----------------------------------------------------------------------------

test_changed() {
	local made written moved removed name
	begin
	run touch "$w/draft"
	made=$pid
	run sh -c "echo text >>$w/draft"
	written=$pid
	run mv "$w/draft" "$w/report"
	moved=$pid
	run rm "$w/report"
	removed=$pid
	# Somebody else's file of nearly the same name.
	run touch "$w/draft2"
	for name in draft report; do
		has "$(answer "$w/$name" | head -n 1)" \
			"The last change: rm[$removed] of root removed $w/report (program "
		same "made written moved removed" "$(moectl timeline "$w/$name" --json | python3 -c "
import json, sys
who = {($made, 'create'): 'made', ($written, 'modify'): 'written', ($moved, 'rename'): 'moved',
       ($removed, 'delete'): 'removed'}
xs = [json.loads(line) for line in sys.stdin]
assert all('draft2' not in x['fields']['path'] for x in xs)
print(' '.join(who[k] for x in xs if (k := (x['fields']['pid'], x['type'].split('.')[1])) in who))")"
	done
	why "$w/report"
	why_is "'also called' in ' '.join(x['answer']) and '/w/draft' in ' '.join(x['answer'])"
	has "$(sentences "$w/report")" "mv[$moved] of root renamed $w/draft to $w/report"
	# Relative, through a link, and as another mount has it.
	cd "$w"
	same "$(sentences "$w/report")" "$(sentences ./report)"
	cd /
	ln -s "$w" "$tmp/link"
	same "$(sentences "$w/report")" "$(sentences "$tmp/link/report")"
	mkdir "$base/bound"
	mount --bind "$w" "$base/bound"
	same "$(sentences "$w/report")" "$(sentences "$base/bound/report")"
	# The same path in another file system is another file.
	mount -t tmpfs none "$base/bound"
	mkdir "$base/bound/w"
	refused 1 'nothing is known' moectl why "$base/bound/report"
	refused 1 'no watch has it' moectl why "$base/bound/report"
}

# What is below counts; a folder that was renamed takes its files along.
test_folder() {
	begin
	mkdir "$w/d"
	run touch "$w/d/f"
	mv "$w/d" "$w/e"
	run sh -c "echo more >>$w/e/f"
	same "$(sentences "$w/e/f")" "$(sentences "$w/d/f")"
	has "$(sentences "$w/e/f")" "made $w/d/f"
	has "$(sentences "$w/e/f")" "wrote to $w/e/f"
	has "$(sentences "$w/e/f")" "renamed $w/d to $w/e"
	has "$(sentences "$w")" "made $w/d/f"
	has_not "$(sentences "$w/e/f")" "made $w/d "
}

# Editors make a new file and rename it: the name's story has both.
test_replaced() {
	begin
	run sh -c "echo 1 >$w/conf"
	run sh -c "echo 2 >$w/.conf.new"
	mv "$w/.conf.new" "$w/conf"
	has "$(sentences "$w/conf")" "wrote to $w/conf"
	has "$(sentences "$w/conf")" "wrote to $w/.conf.new"
	has "$(answer "$w/conf" | head -n 1)" "renamed $w/.conf.new to $w/conf"
}

# No name can forge a line or a sentence.
test_names() {
	local name=$'a\nb was removed, "so" \033[2J'
	begin
	run touch "$w/$name"
	printable "$(moectl why "$w/$name" --pretty)"
	same 1 "$(sentences "$w/$name" | grep -c ' made "')"
	why "$w/$name"
	why_is "x['thing'] == '$w/' + 'a\nb was removed, \"so\" \033[2J'"
}

# ---- an address ------------------------------------------------------------------------

stranger_up() {
	ip netns add stranger
	ip link add to_stranger type veth peer name eth0 netns stranger
	ip addr add 198.51.100.1/24 dev to_stranger
	ip link set to_stranger up
	ip -n stranger addr add 198.51.100.66/24 dev eth0
	ip -n stranger link set eth0 up
	moectl table net_guard.rules flush >/dev/null
	moectl run log.clear >/dev/null
}

stranger_down() {
	moectl set net_guard.mode=off >/dev/null
	moectl table net_guard.rules flush >/dev/null
	ip netns del stranger
}

await_event() { # TYPE
	for _ in {1..100}; do
		[ "$(moectl log --type "$1" | wc -l)" -eq 0 ] || return 0
		sleep 0.2
	done
	fail "no $1 came"
}

test_blocked() {
	local text
	stranger_up
	moectl guard block 198.51.100.0/24 --for 1h --reason 'brute force' >/dev/null
	! ip netns exec stranger timeout 3 bash -c '</dev/tcp/198.51.100.1/80' || fail 'not blocked'
	await_event net_guard.blocked
	text=$(answer 198.51.100.66)
	has "$text" 'Now packets of 198.51.100.66 are dropped, by the rule 198.51.100.0/24'
	has "$text" 'whose reason is "brute force", made by moectl of root, until '
	has "$text" 'the rule for 198.51.100.0/24 dropped 1 packet (60B), the first of 198.51.100.66'
	why 198.51.100.66
	why_is "x['kind'] == 'address' and x['decision']['decision'] == 'drop' and x['decision']['hits'] >= 1"
	why_is "[(r['table'], r['row']['prefix']) for r in x['rows']] ==
		[('net_guard.rules', '198.51.100.0/24')]"
	# The prefix, a part of it, more than it, and as IPv6 writes it; but not its neighbour.
	for text in 198.51.100.0/24 198.51.100.64/26 198.0.0.0/8 ::ffff:198.51.100.66; do
		has "$(sentences "$text")" 'the rule for 198.51.100.0/24 dropped'
	done
	refused 1 'nothing is known of the address 198.51.101.66' moectl why 198.51.101.66
	refused 1 'Now packets of 198.51.101.66 pass: no rule is about them' moectl why 198.51.101.66
	refused 1 'nothing is known of the address 2001:db8::1' moectl why 2001:db8::1
	stranger_down
}

test_flood() {
	local text
	stranger_up
	moectl guard mode enforce
	ip netns exec stranger hping3 -q -i u500 -S -p 80 198.51.100.1 >/dev/null 2>&1 &
	await_event net_guard.blocked
	kill $!
	wait $! || true
	text=$(answer 198.51.100.66)
	has "$text" 'Now packets of 198.51.100.66 are dropped, by the rule 198.51.100.66, whose reason is syn_flood, made by a detector, until '
	has "$text" '198.51.100.66 was found to flood (syn_flood): '
	has "$text" 'it is blocked until '
	stranger_down
}

# ---- modules that nobody knows ---------------------------------------------------------

test_third_party() {
	local asker
	modprobe moeai_hello
	moectl run log.clear >/dev/null
	run moectl run hello.greet name=anna delay=0 >"$tmp/out"
	asker=$pid
	has "$(sentences "$asker")" "somebody was greeted: name=anna text=\"hi, anna\" pid=$asker"
	why moectl
	why_is "x['process']['pid'] == $asker and
		{'hello.greeted', 'core.command'} <= {e['type'] for e in x['evidence']}"
	has "$(answer "$asker")" "It is moectl, process $asker"
	modprobe -r moeai_hello
	# Nobody describes its events any more, which is told.
	moectl timeline "$asker" >"$tmp/out" 2>"$tmp/err"
	has "$(cat "$tmp/out")" 'hello.greet'
	has "$(cat "$tmp/err")" '1 event is of a module that was unloaded since'
	moectl run log.clear >/dev/null
}

# ---- what it is taken for --------------------------------------------------------------

test_kinds() {
	begin
	cd "$w"
	run touch 4194303 10.9.8.7
	refused 1 'nothing is known of the pid 4194303' moectl why 4194303
	refused 1 'a file of that name: see --path' moectl why 4194303
	has "$(sentences 4194303 --path)" "made $w/4194303"
	refused 1 'nothing is known of the address 10.9.8.7' moectl why 10.9.8.7
	has "$(sentences 10.9.8.7 --path)" "made $w/10.9.8.7"
	has "$(sentences ./4194303)" "made $w/4194303"
	has "$(sentences .)" "made $w/4194303"
	cp "$(type -P touch)" "$base/12345"
	run "$base/12345" "$w/x"
	refused 1 'nothing is known of the pid 12345' moectl why 12345
	has "$(sentences 12345 --comm)" "12345[$pid] of root made $w/x"
	refused 1 "'x' is no pid, which is a number" moectl why x --pid
	refused 1 "'1.2.3' is no address" moectl why 1.2.3 --address
	cd /
}

test_usage() {
	local command
	for command in why timeline; do
		refused 2 'give a pid' moectl $command
		refused 2 'is empty' moectl $command ''
		refused 2 'one thing at a time' moectl $command 1 2
		refused 2 'give one of --pid, --comm, --address, --path' moectl $command 1 --pid --path
		refused 2 '--since yesterday' moectl $command 1 --since yesterday
		refused 2 '--until 0' moectl $command 1 --until 0
		refused 1 CAP_SYS_ADMIN nobody moectl $command 1
		refused 2 'does not work with --procfs' moectl --procfs $command 1
	done
	refused 2 '--count 0' moectl why 1 --count 0
}

# ---- bounds ----------------------------------------------------------------------------

test_since() {
	local middle until
	begin
	run touch "$w/file"
	sleep 1.1
	middle=$(next_seq) until=$(date '+%F %T')
	sleep 1.1
	run sh -c "echo >$w/file"
	has_not "$(sentences "$w/file" --since "$middle")" ' made '
	has "$(sentences "$w/file" --since "$middle")" 'wrote'
	has_not "$(sentences "$w/file" --until "$until")" 'wrote'
	has "$(sentences "$w/file" --until "$until")" ' made '
	has "$(sentences "$w/file" --since 1h)" ' made '
	has_not "$(sentences "$w/file" --since 1s)" ' made '
	moectl why "$w/file" --count 1 --tab >"$tmp/out"
	# The last one, and the one that explains most.
	same 2 "$(grep -c ^event "$tmp/out")"
	has "$(cat "$tmp/out")" $'note\tthe last 1 of '
}

# What is gone is told, and does not break the rest.
test_lost() {
	local before
	begin
	run touch "$w/early"
	moectl run log.clear >/dev/null
	run touch "$w/late"
	before=$(moectl why "$w/late" --tab | grep -c '^note.*events, of any type, are no longer in the log, which begins at ')
	same 1 "$before"
	why "$w/late"
	why_is "x['lost'] > 0"
	refused 1 'of any type, are no longer in the log' moectl why "$w/early"
	moectl why "$w/early" --json 2>/dev/null >"$tmp/why" || true
	why_is "x['found'] is False and x['evidence'] == [] and len(x['hints']) >= 2"
}

test_missing() {
	begin
	modprobe -r moeai_fs_logger
	refused 1 'fs_logger, which tells who does what to files, is not loaded: modprobe moeai_fs_logger' \
		moectl why "$w/file"
	modprobe moeai_fs_logger
	modprobe -r moeai_net_guard
	refused 1 'net_guard, which tells who floods, scans and is blocked, is not loaded' \
		moectl timeline 192.0.2.1
	modprobe moeai_net_guard
}

run_cases

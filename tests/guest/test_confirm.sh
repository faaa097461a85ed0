#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Parameters that come back unless they are confirmed. Cases are the functions test_*;
# check: limit=300 slow

set -u

# shellcheck source=tests/guest/moectl.sh
. tests/guest/moectl.sh

window=$((4 * ${PATIENCE:-1}))
trap 'rm -rf "$tmp"; modprobe -r moeai_net_guard 2>/dev/null' EXIT
modprobe moeai_net_guard

value() { moectl table params --where name="$1" --tab | cut -f 7; }
awaiting() { moectl table params --where awaits=1 --tab | cut -f 1; }
undone() { moectl log --type core.param --json; }

# Wait until nothing awaits any more: a rollback is due within a second.
settled() {
	for _ in {1..100}; do
		[ -n "$(awaiting)" ] || return 0
		sleep 0.2
	done
	fail "still awaiting: $(awaiting)"
}

begin() {
	moectl run param.rollback >/dev/null 2>&1 || true
	moectl set mem_monitor.low=20% mem_monitor.medium=10% mem_monitor.critical=5%
	moectl guard mode off >/dev/null
	moectl table net_guard.rules flush >/dev/null
	moectl run log.clear >/dev/null
}

# ---- one ------------------------------------------------------------------------------

test_comes_back() {
	begin
	moectl set mem_monitor.consumers=3
	has "$(moectl set mem_monitor.consumers=7 --confirm 3600 --pretty)" \
		"to be undone in 3600 s; 'moectl set confirm' keeps it"
	same 7 "$(value mem_monitor.consumers)"
	same mem_monitor.consumers "$(awaiting)"
	moectl set confirm
	moectl set mem_monitor.consumers=3
	moectl set mem_monitor.consumers=7 --confirm $window
	settled
	same 3 "$(value mem_monitor.consumers)"
	undone | json_lines "[x['fields'] for x in xs] ==
		[{'name': 'mem_monitor.consumers', 'value': '3', 'status': 0}]"
	refused 1 'no change of it awaits confirmation' moectl set confirm mem_monitor.consumers
}

test_stays() {
	begin
	moectl set mem_monitor.consumers=3
	moectl set mem_monitor.consumers=7 --confirm $window
	same '' "$(moectl set confirm mem_monitor.consumers)"
	same '' "$(awaiting)"
	sleep $((window + 1)).5
	same 7 "$(value mem_monitor.consumers)"
	same '' "$(undone)"
	moectl set mem_monitor.consumers=3
}

test_at_once() {
	begin
	moectl set mem_monitor.consumers=3
	moectl set mem_monitor.consumers=7 --confirm 3600
	moectl set rollback mem_monitor.consumers
	same 3 "$(value mem_monitor.consumers)"
	undone | json_lines "len(xs) == 1"
	# The next is another change.
	moectl set mem_monitor.consumers=8 --confirm 3600
	moectl set rollback
	same 3 "$(value mem_monitor.consumers)"
}

test_procfs() {
	begin
	moectl set mem_monitor.consumers=3
	moectl set mem_monitor.consumers=7 --confirm 3600 --procfs
	same mem_monitor.consumers "$(awaiting)"
	moectl set rollback mem_monitor.consumers --procfs
	same 3 "$(value mem_monitor.consumers)"
	moectl set mem_monitor.consumers=7 --confirm 3600 --procfs
	moectl set confirm --procfs
	same '7,' "$(value mem_monitor.consumers),$(awaiting)"
	moectl set mem_monitor.consumers=3
}

# What the second one would have to bring back is not what the first one promised.
test_one_at_a_time() {
	local second
	begin
	moectl set mem_monitor.consumers=3
	moectl set mem_monitor.consumers=7 --confirm 3600
	for second in '' '--confirm 5'; do
		# shellcheck disable=SC2086 # none or two words
		refused 1 'a change of it awaits its confirmation' \
			moectl set mem_monitor.consumers=8 $second
	done
	same 7 "$(value mem_monitor.consumers)"
	# Others have nothing to do with it.
	moectl set mem_monitor.interval_ms=900
	moectl set mem_monitor.interval_ms=1000
	moectl set rollback
	same 3 "$(value mem_monitor.consumers)"
}

test_refused() {
	begin
	moectl set mem_monitor.consumers=3
	refused 2 'give seconds, up to 86400' moectl set mem_monitor.consumers=7 --confirm 0
	refused 2 'give seconds, up to 86400' moectl set mem_monitor.consumers=7 --confirm 86401
	refused 1 confirm moectl run param.set name=mem_monitor.consumers value=7 confirm=0
	refused 1 confirm moectl run param.set name=mem_monitor.consumers value=7 confirm=86401
	refused 2 'is not NAME.PARAM' moectl set confirm mem_monitor.consumers=7
	refused 2 'is not NAME.PARAM' moectl set rollback consumers
	refused 2 'for setting' moectl set confirm --confirm 5
	refused 1 "did you mean 'mem_monitor.low'" moectl set confirm mem_monitor.lo
	refused 1 'no change of a parameter awaits confirmation' moectl set confirm
	refused 1 'no change of a parameter awaits confirmation' moectl set rollback
	# What a module does not take is not undone either.
	refused 1 'low: ' moectl set mem_monitor.low=1% --confirm 3600
	refused 1 "can't be set" moectl set net_guard.dropped=1 --confirm 3600
	same '' "$(awaiting)"
	same 3 "$(value mem_monitor.consumers)"
}

# ---- several --------------------------------------------------------------------------

# Those that fit together alone come back in an order in which they do.
test_together() {
	local old
	begin
	old=$(moectl table params --where module=mem_monitor --where kind=param --tab)
	moectl set mem_monitor.low=90% mem_monitor.medium=80% mem_monitor.critical=70% \
		--confirm $window
	settled
	same "$old" "$(moectl table params --where module=mem_monitor --where kind=param --tab)"
	undone | json_lines "sorted(x['fields']['name'] for x in xs) == ['mem_monitor.critical',
		'mem_monitor.low', 'mem_monitor.medium'] and
		all(x['fields']['status'] == 0 for x in xs)"
	moectl set mem_monitor.low=90% mem_monitor.medium=80% mem_monitor.critical=70% --confirm 3600
	same 3 "$(awaiting | wc -l)"
	moectl set rollback
	same "$old" "$(moectl table params --where module=mem_monitor --where kind=param --tab)"
}

# By name, one that is refused first keeps nobody from the others.
test_together_by_name() {
	local old
	begin
	old=$(moectl table params --where module=mem_monitor --where kind=param --tab)
	moectl set mem_monitor.low=40% mem_monitor.medium=30% mem_monitor.critical=21% --confirm 3600
	refused 1 'is tried again' \
		moectl set rollback mem_monitor.low mem_monitor.medium mem_monitor.critical
	settled
	same "$old" "$(moectl table params --where module=mem_monitor --where kind=param --tab)"
	# Nobody waited for a second in vain: it was no matter of the others.
	undone | json_lines "len(xs) == 3 and all(x['fields']['status'] == 0 for x in xs)"
}

# The first was set before the second was refused: he is told.
test_the_second_is_refused() {
	begin
	moectl set mem_monitor.consumers=7 mem_monitor.low=1% --confirm 3600 --pretty \
		>"$tmp/out" 2>"$tmp/err" || true
	has "$(cat "$tmp/out")" "to be undone in 3600 s"
	same mem_monitor.consumers "$(awaiting)"
	moectl set rollback
}

# Another change came, beside which the old value makes no sense: told, and it comes
# back when it does.
test_does_not_fit() {
	begin
	moectl set mem_monitor.low=30% --confirm 3600
	moectl set mem_monitor.medium=25%
	refused 1 'is tried again each second' moectl set rollback mem_monitor.low
	same '300 mem_monitor.low' "$(value mem_monitor.low) $(awaiting)"
	for _ in {1..50}; do
		[ -z "$(undone)" ] || break
		sleep 0.2
	done
	sleep 2
	undone | json_lines "len(xs) == 1 and xs[0]['priority'] == 'warning' and
		xs[0]['fields']['status'] < 0 and xs[0]['fields']['value'] == '300'"
	moectl set mem_monitor.medium=10%
	settled
	same 200 "$(value mem_monitor.low)"
	undone | json_lines "[x['fields']['status'] == 0 for x in xs] == [False, True]"
}

# What is below zero is when it comes back, too.
test_sign() {
	begin
	modprobe moeai_test
	moectl set test.below=-7
	moectl set test.below=-2 --confirm 3600
	moectl set rollback test.below
	same -7 "$(value test.below)"
	moectl set test.below=-2 --confirm $window
	settled
	same -7 "$(value test.below)"
	modprobe -r moeai_test
}

# One that waits is not kept waiting by another that is refused, or is ended.
test_each_in_its_time() {
	begin
	moectl set mem_monitor.consumers=3
	moectl set mem_monitor.low=30% --confirm 3600
	moectl set mem_monitor.medium=25%
	moectl set mem_monitor.consumers=7 --confirm $window
	refused 1 'is tried again each second' moectl set rollback mem_monitor.low
	sleep $((window + 1)).5
	same '3 mem_monitor.low' "$(value mem_monitor.consumers) $(awaiting)"
	moectl set mem_monitor.medium=10%
	settled
}

# What is saved may not stay, and what is as a file has it may not either.
test_saved_and_restored() {
	begin
	moectl set mem_monitor.consumers=3
	moectl set mem_monitor.consumers=7 --confirm 3600
	moectl guard block 192.0.2.1 --confirm 3600 >/dev/null
	moectl save "$tmp/saved" 2>"$tmp/err"
	for name in mem_monitor.consumers net_guard.rules; do
		has "$(cat "$tmp/err")" "$name: a change of it awaits its confirmation"
	done
	has "$(grep -B 1 '^param mem_monitor.consumers=7' "$tmp/saved")" 'may not stay'
	has "$(grep -B 1 '^table net_guard.rules' "$tmp/saved")" 'may not stay'
	same 2 "$(grep -c 'may not stay' "$tmp/saved")"
	echo 'param mem_monitor.consumers=7' >"$tmp/file"
	refused 1 "$tmp/file:1:7: mem_monitor.consumers: a change of it awaits" \
		moectl restore "$tmp/file"
	printf 'table net_guard.rules\nrow net_guard.rules prefix=192.0.2.1/32 action=drop\n' \
		>"$tmp/file"
	refused 1 "$tmp/file:1:1: table net_guard.rules: a change of this table awaits" \
		moectl restore "$tmp/file"
	moectl set rollback
	moectl guard rollback >/dev/null
	moectl save "$tmp/saved" 2>"$tmp/err"
	same '' "$(cat "$tmp/err")$(grep 'may not stay' "$tmp/saved")"
}

# ---- the module goes --------------------------------------------------------------------

test_unloaded() {
	begin
	moectl set net_guard.mode=shadow net_guard.syn_rate=7 --confirm $window
	moectl set mem_monitor.consumers=7 --confirm 3600
	modprobe -r moeai_net_guard
	same mem_monitor.consumers "$(awaiting)"
	modprobe moeai_net_guard
	moectl set net_guard.syn_rate=9
	sleep $((window + 1)).5
	same 9 "$(value net_guard.syn_rate)"
	same '' "$(undone)"
	moectl set rollback
}

# The core itself goes while something awaits.
test_all_unloaded() {
	begin
	moectl set mem_monitor.consumers=7 --confirm 1
	modprobe -r -a moeai_net_guard moeai_mem_monitor moeai
	sleep 2.5
	modprobe -a moeai_mem_monitor moeai_net_guard
	same '' "$(awaiting)"
}

# ---- moectl guard ------------------------------------------------------------------------

test_guard_mode() {
	begin
	has "$(moectl guard mode shadow --confirm 3600 --pretty)" \
		"mode shadow, to be undone in 3600 s; 'moectl guard confirm' keeps it"
	same shadow "$(value net_guard.mode)"
	moectl guard rollback
	moectl guard mode shadow --confirm $window
	settled
	same off "$(value net_guard.mode)"
	moectl guard mode shadow --confirm 3600
	moectl guard confirm
	same shadow "$(value net_guard.mode)"
	moectl guard mode enforce --confirm 3600
	moectl guard rollback
	same shadow "$(value net_guard.mode)"
	refused 1 'awaits confirmation' moectl guard confirm
	refused 2 '--confirm is for' moectl guard list --confirm 5
}

# Who is let in for it stays until the mode has gone, and goes as well.
test_guard_own_session() {
	local SSH_CONNECTION='10.9.8.7 4711 10.9.8.1 22'
	export SSH_CONNECTION
	begin
	moectl guard mode enforce --confirm $window >"$tmp/out" 2>"$tmp/err"
	has "$(cat "$tmp/err")" '10.9.8.7, from where a session of yours comes, is allowed as well'
	has "$(moectl guard list)" $'10.9.8.7/32\tallow'
	settled
	same off "$(value net_guard.mode)"
	for _ in {1..60}; do
		[ -n "$(moectl guard list)" ] || break
		sleep 0.2
	done
	same '' "$(moectl guard list)"
	moectl log --json | json_lines '[x["type"] for x in xs if x.get("type") in
		("core.param", "net_guard.rolled_back")] == ["core.param", "net_guard.rolled_back"]'
	# Kept, both stay. One value each is told.
	moectl guard mode enforce --confirm 3600 --json 2>"$tmp/err" |
		json 'x == {"mode": "enforce", "confirm": 3600}'
	moectl guard confirm --json | json 'x == {"mode": "confirmed", "rules": "confirmed"}'
	same enforce "$(value net_guard.mode)"
	same '' "$(awaiting)"
	same 0 "$(moectl table tables --where awaits=1 | wc -l)"
	# Who keeps the mode alone hears of the rules that it needs, and the other way round.
	moectl guard mode off >/dev/null
	moectl table net_guard.rules flush >/dev/null
	moectl guard mode enforce --confirm 3600 >/dev/null 2>&1
	moectl set confirm >"$tmp/out" 2>"$tmp/err"
	has "$(cat "$tmp/err")" "'moectl table net_guard.rules confirm' keeps it"
	moectl guard confirm --pretty >"$tmp/out" 2>"$tmp/err"
	same 'rules confirmed' "$(cat "$tmp/out")"
	has "$(cat "$tmp/err")" 'no change of the mode awaited that'
	moectl set confirm 2>/dev/null && fail 'nothing awaited that'
	# A change of the rules awaits, and so the session can't be let in: nothing is done.
	moectl guard mode off >/dev/null
	moectl table net_guard.rules flush >/dev/null
	moectl guard block 192.0.2.1 --confirm 3600 >/dev/null
	refused 1 'a change of this table awaits its confirmation' moectl guard mode enforce
	same off "$(value net_guard.mode)"
	moectl guard rollback >/dev/null
}

run_cases

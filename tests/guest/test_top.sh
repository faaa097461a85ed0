#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# moectl top, at a pseudo terminal. Cases are the functions test_*; check: limit=300 slow

set -u

# shellcheck source=tests/guest/moectl.sh
. tests/guest/moectl.sh

# Without the core, which modprobe -r would take with them.
rmmod_all() {
	local module
	for module in mem_monitor net_guard fs_logger; do
		[ ! -d /sys/module/moeai_$module ] || rmmod moeai_$module
	done
}

trap 'rmmod_all; rm -rf "$tmp"' EXIT

screen() {
	python3 -B tests/guest/top.py "$1" 2>"$tmp/error" || fail "$(cat "$tmp/error")"
	rmmod_all
}

test_gauges() { screen gauges; }
test_events() { screen events; }
test_pause() { screen pause; }
test_watching_is_no_event() { screen watching_is_no_event; }
test_modules_missing() { screen modules_missing; }
test_consumers() { screen consumers; }
test_files() { screen files; }
test_sizes() { screen sizes; }
test_keys() { screen keys; }
test_reload() { screen reload; }
test_ends() { screen ends; }
test_unprivileged() { screen unprivileged; }
test_unknown_terminal() { screen unknown_terminal; }

test_no_terminal() {
	refused 1 'fills a terminal' moectl top
	refused 1 'fills a terminal' moectl top --json
	refused 2 'give seconds from 0.1' moectl top --delay 0
	refused 2 'give a number from 1' moectl top --count 0
}

run_cases

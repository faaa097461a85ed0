#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The README's first C program compiles as shown, without a warning, and tells
# of the events there are.

set -eu

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

awk '/^```c$/ { on = 1; next } /^```$/ { on = 0 } on' README.md >"$tmp/first.c"
export PKG_CONFIG_PATH=$PWD/build/lib/pkgconfig
# shellcheck disable=SC2046 # flags are words
gcc -Wall -Wextra -Werror -o "$tmp/first" "$tmp/first.c" $(pkg-config --cflags --libs libmoeai)

moectl publish 'from the README'
"$tmp/first" | tee "$tmp/out"
grep -qx 'user.message from user' "$tmp/out"
grep -qx 'core.module from core' "$tmp/out"

# The examples are found there too; each runs and ends by itself.
build/examples/read_status | grep -q 'moeai'
build/examples/publish hello
build/examples/call_command | grep -q .
build/examples/watch_events 2 | grep -q core.module
timeout 5 build/examples/epoll_loop >"$tmp/epoll" || [ $? -eq 124 ]

modprobe moeai_net_guard
moectl guard allow 192.0.2.7
printf '192.0.2.66\n2001:db8::66\n192.0.2.7\n' | build/examples/guard_ban ssh >"$tmp/out"
grep -qx '192.0.2.66: blocked by the rule for 192.0.2.66/32 (ssh), 0 packets so far' "$tmp/out"
grep -qx '2001:db8::66: blocked by the rule for 2001:db8::66/128 (ssh), 0 packets so far' "$tmp/out"
grep -qx '192.0.2.7: allowed by the rule for 192.0.2.7/32' "$tmp/out"
! printf '192.0.2.0/24\n192.0.2.67\n' | build/examples/guard_ban 2>"$tmp/err" || false
grep -q '^guard_ban: 192.0.2.0/24: .*address' "$tmp/err"
test "$(moectl guard list | wc -l)" -eq 4
modprobe -r moeai_net_guard

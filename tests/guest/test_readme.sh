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

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Regions as people see them: examples/kmod_samples and examples/read_samples, and
# moectl shmem. Cases are the functions test_*; check: limit=300

set -u

# shellcheck source=tests/clients/cases.sh
. tests/clients/cases.sh

read_samples=build/examples/read_samples
ring=samples.ring

unload() { modprobe -r moeai_samples; }
load() { unload && modprobe moeai_samples; } # anew, should a case have failed
refused() { # STATUS TEXT COMMAND...: fails so, with that text
	local status=0
	"${@:3}" >"$tmp/out" 2>&1 || status=$?
	same "$1" "$status"
	has "$(cat "$tmp/out")" "$2"
}
# Wait until so many samples have been taken.
taken() { # NUMBER
	until [ "$(moectl module samples | awk '$2 == "samples.taken" { print $3 }')" -ge "$1" ]; do
		sleep 0.05
	done
}

# ---- the example ------------------------------------------------------------------------

test_small() {
	[ "$(wc -l <examples/kmod_samples/moeai_samples.c)" -lt 150 ] || fail 'it is no small example'
}

# Samples are whole, in order, and what free memory is.
test_read() {
	local total
	load
	total=$(awk '/^MemTotal/ { print $2 * 1024 }' /proc/meminfo)
	$read_samples 100 >"$tmp/samples"
	same 101 "$(wc -l <"$tmp/samples")"
	same '0 missed' "$(tail -n 1 "$tmp/samples")"
	same 100 "$(awk -v total="$total" '/free/ && $1 > last && $2 > 1048576 && $2 < total { n++ }
		{ last = $1 } END { print n }' "$tmp/samples")"
	# Two at a time, of a module that is asked for less.
	moectl set samples.interval=2
	$read_samples 20 >"$tmp/one" &
	$read_samples 20 >"$tmp/two"
	wait $!
	same '0 missed' "$(tail -n 1 "$tmp/one")"
	same '0 missed' "$(tail -n 1 "$tmp/two")"
	unload
}

# Who comes too late is told how much he has missed, and goes on.
test_missed() {
	local pid
	load
	$read_samples 300 >"$tmp/samples" &
	pid=$!
	sleep 0.3
	kill -STOP $pid
	taken 1500
	kill -CONT $pid
	wait $pid
	[ "$(awk '/missed/ { print $1 }' "$tmp/samples")" -gt 100 ] || fail "$(tail -n 1 "$tmp/samples")"
	same 300 "$(awk '$1 > last { n++ } /free/ { last = $1 } END { print n }' "$tmp/samples")"
	unload
}

test_gone() {
	local pid
	load
	$read_samples 1000000 >/dev/null 2>"$tmp/said" &
	pid=$!
	until [ "$(moectl shmem list | cut -f 8)" = 1 ]; do
		sleep 0.05
	done
	unload
	! wait $pid || fail 'it reads on, and there is nothing to read'
	has "$(cat "$tmp/said")" 'the module has gone'
	same '' "$(moectl shmem list)"
	refused 1 'No such file' $read_samples
}

test_stop() {
	load
	moectl run module.stop name=samples >/dev/null
	same '' "$(moectl shmem list)"
	moectl run module.start name=samples >/dev/null
	$read_samples 3 | grep -q '^0 missed'
	unload
}

# ---- moectl shmem -------------------------------------------------------------------------

test_list() {
	load
	has "$(moectl shmem list)" "$ring"$'\t'
	same $'samples\t36864\t0\talive\t0\t0' "$(moectl shmem list | cut -f 3-)"
	moectl shmem list --json | tr -d '\n' | json 'x[0]["name"] == "samples.ring" and
		x[0]["size"] == 36864 and x[0]["state"] == "alive" and not x[0]["writable"]'
	has "$(moectl shmem list --pretty)" '36KiB'
	nobody "$(command -v moectl)" shmem list >/dev/null
	unload
	same '' "$(moectl shmem list)"
}

test_dump() {
	load
	taken 3
	same '1 1024' "$(moectl shmem dump $ring --length 8 | od -An -tu4 | xargs)"
	same 36864 "$(moectl shmem dump $ring | wc -c)"
	same 64 "$(moectl shmem dump $ring --offset 36800 --length 0x1000 | wc -c)"
	same 0 "$(moectl shmem dump $ring --offset 36864 | wc -c)"
	same '1 2 3' "$(moectl shmem dump $ring --offset 64 --length 96 | od -An -w32 -tu8 |
		awk '{ print $1 }' | xargs)"
	same "$(printf '%s\n' '00000000  01 00 00 00 00 04 00 00                           |........|' \
		00000008)" "$(moectl shmem dump $ring --length 8 --pretty)"
	has "$(moectl shmem dump $ring --pretty)" $'\n*\n00009000'
	moectl shmem dump $ring --length 8 --json | json 'x == {"name": "samples.ring", "size": 36864,
		"offset": 0, "bytes": "0100000000040000"}'
	same 8 "$(moectl shmem dump $ring --length 8 --pretty --raw | wc -c)"
	# Not the bytes themselves to a terminal, unless they are asked for.
	has "$(script -qec "moectl shmem dump $ring --length 8 --tab" /dev/null </dev/null)" 00000000
	moectl shmem dump $ring | head -c 100 >/dev/null
	unload
}

test_refused() {
	load
	refused 1 "did you mean 'samples.ring'" moectl shmem dump samples.rin
	refused 1 "no region 'nothing'" moectl shmem dump nothing
	refused 1 'has 36864 bytes' moectl shmem dump $ring --offset 36865
	refused 2 'number of bytes' moectl shmem dump $ring --offset x
	refused 2 'which region' moectl shmem dump
	refused 2 'list or dump' moectl shmem
	refused 2 'none of list, dump' moectl shmem write
	refused 2 'for dump' moectl shmem list --raw
	refused 2 'for list' moectl shmem dump $ring --sort size
	refused 2 'too much' moectl shmem list $ring
	refused 1 'member of group moeai' nobody "$(command -v moectl)" shmem dump $ring
	unload
}

test_completion() {
	# shellcheck source=moectl/completion/moectl.bash
	. moectl/completion/moectl.bash
	local COMP_WORDS COMP_CWORD
	load
	COMP_WORDS=(moectl shmem dump sam) COMP_CWORD=3
	_moectl
	same $ring "${COMPREPLY[*]}"
	COMP_WORDS=(moectl shmem '') COMP_CWORD=2
	_moectl
	same 'list dump' "${COMPREPLY[*]}"
	unload
}

# A case that failed has left it loaded.
trap 'rm -rf "$tmp"; rmmod moeai_samples 2>/dev/null' EXIT
run_cases

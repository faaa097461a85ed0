#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The driver kit: the example module, what moectl makes of a module's schemas, and
# the guide, step by step. Cases are the functions test_*; check: limit=420 slow kernels=6.1

set -u

# shellcheck source=tests/clients/cases.sh
. tests/clients/cases.sh
# shellcheck source=tests/clients/guide.sh
. tests/clients/guide.sh

export PKG_CONFIG_PATH=$PWD/build/lib/pkgconfig

unload() { modprobe -r moeai_hello; }
load() { unload && modprobe moeai_hello; } # anew, should a case have failed
greet() { moectl run hello.greet "$@" | awk '$1 == "text" { print substr($0, 6) }'; }
refused() { # TEXT COMMAND...: fails, with that text
	local text=$1
	shift
	! "$@" >"$tmp/refused" 2>&1 || fail "not refused: $*"
	has "$(cat "$tmp/refused")" "$text"
}

# ---- the example --------------------------------------------------------------------------

test_small() {
	[ "$(wc -l <examples/kmod_hello/moeai_hello.c)" -lt 150 ] || fail 'it is no small example'
	same "$(printf '#include <linux/%s>\n' delay.h module.h moeai.h workqueue.h)" \
		"$(grep '^#include' examples/kmod_hello/moeai_hello.c)"
}

test_command() {
	load
	same 'hi, anna' "$(greet name=anna)"
	refused 'name: missing' moectl run hello.greet
	refused 'out of range' moectl run hello.greet name=anna delay=2m
	refused 'out of range' moectl run hello.greet name="$(printf 'x%.0s' {1..32})"
	# One at a time; the next may come as soon as the answer is there.
	moectl run hello.greet name=slow delay=3s >"$tmp/slow" &
	for _ in {1..100}; do
		moectl run hello.greet name=quick delay=0 >/dev/null 2>"$tmp/quick" || break
	done
	has "$(cat "$tmp/quick")" 'somebody else is being greeted'
	wait
	has "$(cat "$tmp/slow")" 'hi, slow'
	for _ in {1..5}; do
		same 'hi, anna' "$(greet name=anna delay=0)"
	done
	unload
}

test_parameter() {
	load
	moectl set hello.delay=20ms
	has "$(cat /proc/moeai/modules/hello)" 'param.delay: 20000000'
	refused 'delay: a number from 0 to 60000000000' moectl set hello.delay=61s
	refused 'delay: a number from 0 to 60000000000' moectl set hello.delay=-1
	moectl table params --json | tr -d '\n' | json '[(p["value"], p["writable"], p["unit"]) for p in x
		if p["name"] == "hello.delay"] == [("20000000", True, "ns")]'
	unload
}

test_table() {
	load
	moectl table hello.guests add name=anna tone=loud --json | json 'x["changed"] == 1'
	same 'HEY, anna' "$(greet name=anna delay=0)"
	moectl table hello.guests replace name=anna tone=polite >/dev/null
	same 'good morning, anna' "$(greet name=anna delay=0)"
	moectl table hello.guests --json | tr -d '\n' | json 'x == [{"name": "anna", "tone": "polite"}]'
	refused "nobody can't be greeted" moectl table hello.guests add name=nobody tone=plain
	refused 'tone' moectl table hello.guests add name=bob tone=shrill
	same 'hi, bob' "$(greet name=bob delay=0)"
	same 1 "$(moectl table hello.guests | wc -l)"
	unload
}

test_event() {
	load
	moectl monitor --type 'hello.*' --count 1 --timeout 60 --json >"$tmp/events" &
	await "$tmp/events" epoch
	greet name=anna delay=0 >"$tmp/text"
	wait
	json 'x["type"] == "hello.greeted" and x["source"] == "hello" and x["priority"] == "info" and
		{**x["fields"], "pid": 0} == {"name": "anna", "text": "hi, anna", "pid": 0}' <"$tmp/events"
	# A caller who is gone does not stop the work.
	moectl run hello.greet name=bob delay=300ms --timeout 0.1 >/dev/null 2>&1 || true
	moectl monitor --since oldest --type hello.greeted --count 2 --timeout 60 --json |
		json 'x["fields"]["name"] == "bob"'
	unload
}

test_procfs() {
	load
	same "$(printf 'state: running\nparam.delay: 100000000')" "$(cat /proc/moeai/modules/hello)"
	echo 'greet name=anna delay=0' >/proc/moeai/modules/hello
	until ! [ "$(moectl log --type hello.greeted | wc -l)" -eq 0 ]; do
		sleep 0.1
	done
	has "$(moectl run hello.greet name=bob --procfs)" 'hi, bob'
	unload
}

# A call is under way when the module goes, which may have been stopped before.
test_unload() {
	local i
	for i in 1 2 3; do
		load
		moectl run hello.greet name=anna delay=60s --timeout 60 >"$tmp/out" 2>&1 &
		while moectl run hello.greet name=bob delay=0 >/dev/null 2>"$tmp/busy"; do
			sleep 0.1
		done
		has "$(cat "$tmp/busy")" 'somebody else'
		[ "$i" -ne 2 ] || moectl run module.stop name=hello >/dev/null
		unload
		! wait $! || fail 'answered as if nothing was'
		has "$(cat "$tmp/out")" 'Operation canceled'
	done
	# Due at the moment it goes.
	for i in {1..10}; do
		load
		(echo "greet name=anna delay=${i}ms" >/proc/moeai/modules/hello) &
		sleep 0.0"$((i % 3))"
		unload
		wait $! || true
	done
}

# ---- moectl schema -------------------------------------------------------------------------

test_schema() {
	load
	same "$(moectl table fields | grep -cP '\thello(\.|\t)')" "$(moectl schema hello | wc -l)"
	moectl schema hello --json | json '[(s["kind"], s["owner"], len(s["fields"])) for s in x] ==
		[("event", "hello.greeted", 3), ("args", "hello.greet", 2), ("reply", "hello.greet", 3),
		("param", "hello", 1), ("table", "hello.guests", 2)]'
	moectl schema hello.guests --json | json 'x[0]["fields"][1] == {"id": 2, "name": "tone",
		"type": "enum", "unit": "none", "flags": ["required"],
		"labels": ["plain", "polite", "loud"], "help": "of the greeting"}'
	has "$(moectl schema hello.greet --pretty)" 'delay  u64 ns 0ns..1m00s'
	# All that the kernel describes, and none twice.
	same "$(moectl table fields | cut -f 1,2,3 | sort)" "$(moectl schema | cut -f 1,2,3 | sort)"
	has "$(moectl schema core | cut -f 2 | uniq | xargs)" ' log modules params '
	has "$(moectl schema core | cut -f 2 | uniq | xargs)" ' status'
	has "$(moectl schema core | cut -f 2 | uniq | xargs)" 'core.ping module.start'
	# A command without arguments is there, too.
	moectl schema log.clear --json | json '[s["fields"] for s in x] == [[], []]'
	refused "there is no schema of 'helo'; did you mean" moectl schema helo
	refused '--c takes one module' moectl schema --c hello.greet
	nobody "$(command -v moectl)" schema hello >/dev/null
	unload
}

# Each module's header, twice in one program, in both languages, without a warning.
test_headers() {
	local module compiler
	load
	for module in hello mem_monitor core; do
		moectl schema --c $module >"$tmp/$module.h"
		same '' "$(moectl schema --c $module | diff "$tmp/$module.h" -)"
		cp "$tmp/$module.h" "$tmp/again.h"
		printf '#include "%s.h"\n#include "again.h"\n' $module >"$tmp/one.c"
		for compiler in 'gcc -std=c11 -x c' 'g++ -std=c++17 -x c++'; do
			# shellcheck disable=SC2046,SC2086 # flags are words
			$compiler -Wall -Wextra -Werror -pedantic -fsyntax-only "$tmp/one.c" \
				$(pkg-config --cflags libmoeai)
		done
	done
	unload
}

# What goes through the encoders and comes back through the decoders is right.
test_program() {
	local one
	load
	moectl table hello.guests add name=anna tone=loud >/dev/null
	for one in hello mem_monitor core; do
		moectl schema --c $one >"$tmp/$one.h"
	done
	cp tests/clients/schemas.c "$tmp/program.c"
	# shellcheck disable=SC2046 # flags are words
	gcc -std=c11 -Wall -Wextra -Werror -o "$tmp/program" "$tmp/program.c" \
		$(pkg-config --cflags --libs libmoeai)
	# shellcheck disable=SC2046
	g++ -std=c++17 -Wall -Wextra -Werror -x c++ -o "$tmp/program++" "$tmp/program.c" \
		$(pkg-config --cflags --libs libmoeai)
	for one in "$tmp/program" "$tmp/program++"; do
		moectl run log.clear >/dev/null
		moectl set hello.delay=1ms
		"$one"
		has "$(cat /proc/moeai/modules/hello)" 'param.delay: 5000000'
	done
	unload
}

# ---- the guide -------------------------------------------------------------------------------

# Whether a text is what the guide shows, where '…' stands for anything in a line.
as_shown() { # SHOWN GOT
	python3 - "$1" "$2" <<'PYTHON'
import re, sys
shown, got = (open(name, encoding="utf-8").read().splitlines() for name in sys.argv[1:])
for wanted, line in zip(shown, got):
    if not re.fullmatch(".*".join(map(re.escape, wanted.split("…"))), line):
        sys.exit(f"wanted: {wanted}\ngot:    {line}")
if len(shown) != len(got):
    sys.exit(f"{len(got)} lines, not {len(shown)}: {got}")
PYTHON
}

# tests/vm/guide has done what comes before.
test_guide() {
	local block first
	HOME=$PWD/build/kmod/$(uname -r)/guide
	mkdir "$tmp/blocks"
	guide_split "$tmp/blocks"
	first=$(guide_first_in_guest "$tmp/blocks")
	trap 'cat "$tmp/got"' EXIT
	for block in "$tmp"/blocks/*.sh; do
		[[ ! $block < $first ]] || continue
		# shellcheck source=/dev/null
		. "$block" >"$tmp/got" 2>&1
		[ ! -f "${block%.sh}.out" ] || as_shown "${block%.sh}.out" "$tmp/got"
	done
}

# A case that failed has left it loaded.
trap 'rm -rf "$tmp"; rmmod moeai_lamp moeai_hello 2>/dev/null' EXIT
run_cases

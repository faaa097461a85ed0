#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# moectl record and replay: what happened around a trigger is in a file, whole, and is
# read elsewhere. Cases are the functions test_*; check: limit=900 kernels=6.1,7.3 slow

set -u

# shellcheck source=tests/clients/cases.sh
. tests/clients/cases.sh

dissector=docs/wireshark/moeai.lua
dir=$tmp/incidents
recorder=

trap 'end; rm -rf "$tmp"' EXIT

unload() { modprobe -r moeai_mem_monitor && modprobe -r moeai; }
load() { modprobe moeai && modprobe moeai_mem_monitor; }

# With nothing in the log.
reload() {
	unload
	load
}

# A recorder in a folder of its own, watching; $tmp/out and $tmp/err are what it says.
begin() { # OPTION...
	rm -rf "$dir"
	begin_again "$@"
}

begin_again() {
	moectl record --directory "$dir" "$@" >"$tmp/out" 2>"$tmp/err" &
	recorder=$!
	await "$tmp/out" epoch
}

end() {
	[ -n "$recorder" ] || return 0
	kill "$recorder" 2>/dev/null
	wait "$recorder"
	recorder=
}

# Its n-th file, as soon as it is there.
file() { # [N]
	local i
	for ((i = 0; i < 300; i++)); do
		[ "$(grep -c '^incident' "$tmp/out")" -ge "${1:-1}" ] && break
		sleep 0.1
	done
	grep '^incident' "$tmp/out" | sed -n "${1:-1}p" | cut -f 2 | grep . ||
		fail "no file: $(cat "$tmp/out" "$tmp/err")"
}

# A file's events, without what was lost before them.
events() { # FILE
	moectl replay "$1" --json 2>"$tmp/said" | grep '"kind":"event"'
}

# A file that is refused or not whole: exit status 1, and a text.
damaged() { # TEXT FILE
	local got=0
	moectl replay "$2" >"$tmp/replayed" 2>"$tmp/said" || got=$?
	same 1 $got
	has "$(cat "$tmp/said")" "$1"
}

# The log's lines from the first to the last that the file has.
same_as_log() { # FILE [FORM]
	moectl replay "$1" "${@:2}" >"$tmp/replayed" 2>"$tmp/said"
	same '' "$(cat "$tmp/said")"
	moectl log "${@:2}" | sed -n "$(printf '/^%s/,/^%s/p' \
		"$(head -n 1 "$tmp/replayed" | cut -b -40 | sed 's/[][\.*^$]/\\&/g')" \
		"$(tail -n 1 "$tmp/replayed" | cut -b -40 | sed 's/[][\.*^$]/\\&/g')")" >"$tmp/logged"
	cmp "$tmp/logged" "$tmp/replayed" || fail "$(diff "$tmp/logged" "$tmp/replayed")"
}

# ---- an OOM kill ---------------------------------------------------------------------

dissect() { # FILE [ARGUMENT]...
	tshark -X "lua_script:$dissector" -r "$@" 2>"$tmp/tshark"
	has_not "$(cat "$tmp/tshark")" Lua
}

# Wireshark, reading it once from the beginning, names all of it.
named() { # FILE
	local text
	dissect "$1" -T pdml >"$tmp/pdml"
	! grep -E -B 5 'unknown (attribute|message)|s name: unknown|[Mm]alformed|Lua Error' "$tmp/pdml" ||
		fail 'not all is known'
	for text in 'MoeAI: event user.message' 'MoeAI: event mem_monitor.victim' \
		'MoeAI: event announcement' 'MoeAI: data fields' 'MoeAI: data event_types' \
		'MoeAI: data modules' 'MoeAI: data params' 'text: before it' 'comm: memhog' \
		'priority: critical (4)' 'MOEAI' 'show="trigger"'; do
		grep -q -- "$text" "$tmp/pdml" ||
			fail "no '$text' in: $(grep -o 'MoeAI: [^"]*' "$tmp/pdml" | sort | uniq -c)"
	done
	# Each message is ours, or the announcement of the family.
	same '' "$(dissect "$1" -Y 'not moeai and not genl.ctrl.cmd' -T fields -e frame.number)"
}

why_refused() { # STATUS TEXT ARGUMENT...
	local got=0
	nobody moectl why "${@:3}" >"$tmp/out" 2>"$tmp/said" || got=$?
	same "$1" "$got"
	has "$(cat "$tmp/said")" "$2"
	same '' "$(cat "$tmp/out")"
}

# Why, and what happened, from the copy alone.
asked_elsewhere() {
	nobody moectl why memhog --file "$tmp/copy" --tab >"$tmp/why" 2>"$tmp/said" ||
		fail "$(cat "$tmp/said")"
	# Users are of that system: by their numbers.
	has "$(grep ^answer "$tmp/why")" '] of 0 was killed by the kernel, because the system had run out of memory'
	has "$(grep ^answer "$tmp/why")" 'The largest then: memhog['
	has "$(grep ^answer "$tmp/why")" 'In all the file holds '
	has_not "$(cat "$tmp/why")" $'\nrow\t'
	nobody moectl timeline memhog --file "$tmp/copy" --json | json \
		'len(xs) > 1 and all(x["fields"]["comm"] == "memhog" and x["sentence"] for x in xs)'
	why_refused 1 'nothing is known of the comm nobody-at-all' --file "$tmp/copy" nobody-at-all
	why_refused 2 'read more than once' --file - memhog
	why_refused 1 'No such file' --file "$tmp/none" memhog
	# What is whole of one that is not counts.
	head -c -100 "$tmp/copy" >"$tmp/cut"
	! moectl why memhog --file "$tmp/cut" --tab >"$tmp/out" 2>"$tmp/said" || fail 'cut short, and 0'
	has "$(grep ^answer "$tmp/out")" 'was killed by the kernel'
	has "$(cat "$tmp/said")" 'cut short'
}

test_oom() {
	local path
	reload
	begin --before 60 --after 15 # until the kill, on a busy machine
	moectl publish 'before it'
	choom -n 1000 -- tests/vm/memhog 32 0.05 &
	path=$(file) || fail "$path"
	wait $! || true
	end
	has "$(cat "$tmp/out")" $'\tmem_monitor.'
	events "$path" | json '[x for x in xs if x["type"] == "mem_monitor.victim"][0]
		["fields"]["comm"] == "memhog" and
		"before it" in [x["fields"].get("text") for x in xs] and
		any(x["type"] == "mem_monitor.recovered" for x in xs)'
	same 600 "$(stat -c %a "$path")"
	same 700 "$(stat -c %a "$dir")"
	same_as_log "$path"
	same_as_log "$path" --json
	same_as_log "$path" --json --type 'mem_monitor.*'
	same_as_log "$path" --min-priority critical
	same "$(moectl replay "$path" | wc -l)" "$(tests/guest/record_truth.py "$path")"
	named "$path"
	# Elsewhere: without a module, for anybody.
	moectl replay "$path" >"$tmp/here"
	cp "$path" "$tmp/copy"
	chmod 644 "$tmp/copy"
	chmod 755 "$tmp"
	unload
	nobody moectl replay "$tmp/copy" >"$tmp/there"
	nobody moectl replay - <"$tmp/copy" | cmp - "$tmp/there"
	cmp "$tmp/here" "$tmp/there"
	asked_elsewhere
	load
	cmp "$tmp/here" "$tmp/there"
}

# ---- triggers -----------------------------------------------------------------------

test_triggers() {
	local path
	reload
	begin --before 20 --after 4 --on user.message --priority none
	moectl run core.ping >/dev/null
	moectl set mem_monitor.low=201 # no trigger
	moectl publish one
	sleep 0.5
	moectl publish two # in the time of the first: prolongs it
	path=$(file)
	moectl publish three
	path+=" $(file 2)"
	end
	# shellcheck disable=SC2086
	set -- $path
	events "$1" | json '[x["fields"].get("text") for x in xs][-2:] == ["one", "two"]
		and xs[-3]["type"] == "core.command"'
	# What was before it is in the second one as well.
	events "$2" | json '[x["fields"].get("text") for x in xs][-3:] ==
		["one", "two", "three"]'
	moectl record list --directory "$dir" --json | tr -d '\n' | json '[(f["trigger"],
		f["triggers"], f["lost"], f["state"]) for f in x] == [("user.message", 2, 0, "whole"),
		("user.message", 1, 0, "whole")] and x[0]["file"] == "'"${1##*/}"'"'
	has "$(moectl record list --directory "$dir" --pretty)" 'user.message'
	path=$(moectl record list --directory "$dir" | head -n 1 | cut -f 3)
	moectl replay "$1" --count 1 --since "$path" --json |
		json 'len(xs) == 1 and x["seq"] == '"$path"' and x["fields"]["text"] == "one"'
}

# What is older than --before is left out, and what comes after --after.
test_window() {
	local path
	moectl publish long-ago
	sleep 2.5
	begin --before 1 --after 1 --on user.message
	moectl publish --priority warning trigger
	sleep 2.5
	moectl set mem_monitor.low=202
	path=$(file)
	end
	events "$path" | json '[x["fields"].get("text") for x in xs] == ["trigger"]'
}

# A row of them prolongs it ten times, no more; --now needs none.
test_now_and_row() {
	local started path files times=${PATIENCE:-1}
	reload
	begin --after $((2 * times)) --on user.message
	started=$SECONDS
	while [ $((SECONDS - started)) -lt $((40 * times)) ]; do
		moectl publish again
		! grep -q '^incident' "$tmp/out" || break
	done
	path=$(file)
	end
	events "$path" |
		json '14e9 < (xs[-1]["time"] - [x for x in xs
			if x["fields"].get("text") == "again"][0]["time"]) / '"$times"' < 21e9'
	# The last one may have begun the next incident.
	files=$(moectl record list --directory "$dir" | wc -l)
	moectl record --now --directory "$dir" --before 30 --json | json 'x["kind"] == "incident" and
		x["type"] is None and x["events"] > 2 and x["lost"] == 0'
	same $((files + 1)) "$(moectl record list --directory "$dir" | wc -l)"
}

test_types_come_later() {
	local path
	modprobe -r moeai_hello 2>/dev/null || true
	begin --after 1 --on hello.greeted
	has "$(cat "$tmp/err")" hello.greeted
	modprobe moeai_hello
	moectl run hello.greet name=world >/dev/null
	path=$(file)
	end
	events "$path" | json 'any(x["type"] == "hello.greeted" for x in xs)'
	modprobe -r moeai_hello
}

# ---- what is no longer there ----------------------------------------------------------

test_lost() {
	local path
	moectl publish gone
	begin --before 20 --after 1 --on user.message
	moectl run log.clear
	moectl publish trigger
	path=$(file)
	end
	moectl replay "$path" --json | json 'xs[0]["kind"] == "lost" and xs[0]["reason"] == "cleared"
		and xs[0]["from"] == 1'
	has "$(moectl replay "$path")" $'lost\t1\t'
	[ "$(moectl record list --directory "$dir" | cut -f 6)" -gt 0 ] || fail 'nothing is lost'
}

# The module goes, and comes again: each has its own files, and that is told.
test_reload() {
	local path
	begin --before 20 --after 60 --on user.message
	moectl publish 'of the first'
	sleep 0.5
	unload
	path=$(file)
	has "$(cat "$tmp/err")" 'ends early: the module was unloaded'
	has "$(cat "$tmp/out")" gone
	load
	for _ in {1..100}; do
		[ "$(grep -c ^epoch "$tmp/out")" -lt 2 ] || break
		sleep 0.1
	done
	moectl publish 'of the second'
	sleep 0.5
	end
	has "$(cat "$tmp/err")" 'ends early: the recorder was stopped'
	has "$(moectl replay "$path")" 'of the first'
	has_not "$(moectl replay "$path" 2>&1)" 'of the second'
	has "$(moectl replay "$path" 2>&1)" 'it ends early: the module was unloaded'
	path=$(file 2)
	has "$(moectl replay "$path" 2>/dev/null)" 'of the second'
	has_not "$(moectl replay "$path" 2>/dev/null)" 'of the first'
}

# ---- the folder -------------------------------------------------------------------------

test_bounds() {
	local i
	begin --before 1 --after 0 --on user.message --max-files 2
	for i in 1 2 3 4; do
		moectl publish "$i"
		file $i >/dev/null
	done
	end
	same 2 "$(moectl record list --directory "$dir" | wc -l)"
	same 2 "$(grep -c 'the oldest: --max-files' "$tmp/err")"
	has "$(moectl replay "$(file 4)")" text=4
	[ ! -e "$(file 1)" ] || fail 'the oldest is still there'
	# One with the log in it would not stay within the limit.
	! moectl record --directory "$dir" --max-size 1M 2>"$tmp/err" || fail 'too small, and taken'
	has "$(cat "$tmp/err")" '--max-size 1048576: the log has'
	! moectl record --directory "$dir" --max-size 1M --now 2>"$tmp/err" || fail 'and now, too'
	has "$(cat "$tmp/err")" '--max-size 1048576: the log has'
}

# A flood ends a file early; the limit holds.
test_size() {
	local path
	begin --before 1 --after 600 --on user.message --max-size 16M
	moectl set core.publish_rate=0
	moectl publish trigger
	for _ in {1..300}; do
		printf 'stats.reset\n%.0s' {1..150} |
			while read -r line; do echo "$line" >/proc/moeai/control; done
		! grep -q '^incident' "$tmp/out" || break
	done
	path=$(file)
	end
	moectl set core.publish_rate=1000
	has "$(cat "$tmp/err")" 'ends early: --max-size'
	[ "$(stat -c %s "$path")" -lt $((5 << 20)) ] || fail "$(stat -c %s "$path")"
	moectl replay "$path" >"$tmp/replayed" 2>"$tmp/said"
	has "$(cat "$tmp/replayed")" text=trigger
}

test_killed() {
	local path
	begin --before 20 --after 60 --on user.message
	moectl publish trigger
	sleep 1
	kill -9 "$recorder"
	wait "$recorder" || true
	recorder=
	same '' "$(moectl record list --directory "$dir")"
	same 1 "$(find "$dir" -type f | wc -l)"
	begin_again --before 20 --after 0 --on user.message
	has "$(cat "$tmp/err")" 'which nobody had finished'
	same 0 "$(find "$dir" -type f | wc -l)"
	moectl publish trigger
	path=$(file)
	end
	same "$path" "$(find "$dir" -type f)"
}

# Nothing is followed, and nothing that is not ours is touched.
test_strangers() {
	local path got
	echo secret >"$tmp/secret"
	mkdir -p "$dir"
	ln -s "$tmp/secret" "$dir/incident-20200101T000000.000Z.pcapng"
	ln -s "$tmp/secret" "$dir/.incident-0123456789abcdef"
	begin_again --before 1 --after 0 --on user.message --max-files 1
	moectl publish one
	file 1 >/dev/null
	moectl publish two
	path=$(file 2)
	end
	same "$path" "$(find "$dir" -type f)"
	same 2 "$(find "$dir" -type l | wc -l)"
	same secret "$(cat "$tmp/secret")"
	same 1 "$(moectl record list --directory "$dir" | wc -l)"
	for got in 'chmod 770' 'chmod 703'; do
		$got "$dir"
		! moectl record --directory "$dir" --now 2>"$tmp/err" || fail 'others may write, and it does'
		has "$(cat "$tmp/err")" 'others may write'
	done
	chmod 700 "$dir"
	chown 1234 "$dir"
	! moectl record --directory "$dir" --now 2>"$tmp/err" || fail 'a stranger owns it'
	has "$(cat "$tmp/err")" 'belongs to somebody else'
	chown 0 "$dir"
	ln -sfn "$dir" "$tmp/link"
	! moectl record --directory "$tmp/link" --now 2>"$tmp/err" || fail 'a link was followed'
	has "$(cat "$tmp/err")" 'symbolic link'
}

# It is told, and the recorder goes on.
test_disk_full() {
	mkdir "$tmp/small"
	mount -t tmpfs -o size=16k,mode=700 small "$tmp/small"
	rm -rf "$dir"
	moectl record --directory "$tmp/small" --before 5 --after 0 --on user.message \
		>"$tmp/out" 2>"$tmp/err" &
	recorder=$!
	await "$tmp/out" epoch
	moectl publish one
	await "$tmp/err" 'No space left'
	same '' "$(find "$tmp/small" -type f)"
	mount -o remount,size=1m "$tmp/small"
	moectl publish two
	has "$(moectl replay "$(file)")" text=two
	end
	umount "$tmp/small"
}

# ---- files that are not whole --------------------------------------------------------------

test_damaged() {
	local path size at
	begin --before 20 --after 0 --on user.message
	moectl publish trigger
	path=$(file)
	end
	size=$(stat -c %s "$path")
	for at in 0 7 100 $((size - 300)) $((size - 1)); do
		head -c $at "$path" >"$tmp/cut"
		damaged 'cut short' "$tmp/cut"
		has "$(cat "$tmp/said")" "moectl: $tmp/cut: "
	done
	has "$(cat "$tmp/replayed")" text=trigger
	# A byte of the text: what was written is known from what was not.
	at=$(grep -abo trigger "$path" | head -n 1 | cut -d : -f 1)
	cp "$path" "$tmp/changed"
	printf X | dd of="$tmp/changed" bs=1 seek="$at" conv=notrunc status=none
	damaged checksum "$tmp/changed"
	has_not "$(cat "$tmp/replayed")" Xrigger
	damaged 'no incident file' README.md
	damaged 'No such file' "$tmp/none"
	cp "$tmp/changed" "$path"
	! moectl record list --directory "$dir" --json >"$tmp/listed" 2>"$tmp/said" ||
		fail 'damaged, and 0'
	json 'x[0]["state"] == "damaged"' < <(tr -d '\n' <"$tmp/listed")
	has "$(cat "$tmp/said")" checksum
}

refused() { # TEXT ARGUMENT...
	local got=0
	moectl "${@:2}" >/dev/null 2>"$tmp/said" || got=$?
	same 2 $got
	has "$(cat "$tmp/said")" "$1"
}

test_usage() {
	refused '--priority high' record --priority high
	refused '--priority none' record --priority none
	refused '--before x' record --before x
	refused '--after -1' record --after -1
	refused '--max-files 0' record --max-files 0
	refused '--max-size 1.5M' record --max-size 1.5M
	refused 'list takes --directory alone' record list --now
	refused '--now has no trigger' record --now --on user.message
	refused "there is only list" record lists
	refused 'which file' replay
	refused '--since now' replay --since now README.md
	! nobody moectl record --directory /tmp/nobody --now 2>"$tmp/said" || fail 'for anybody'
	has "$(cat "$tmp/said")" CAP_SYS_ADMIN
	rm -rf /tmp/nobody
}

run_cases

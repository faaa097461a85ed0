#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# moectl watch and files, on what other programs do. Cases are the functions
# test_*; check: limit=600 slow

set -u

# shellcheck source=tests/guest/moectl.sh
. tests/guest/moectl.sh

base=$tmp/base w=$base/w
modprobe moeai_fs_logger
trap 'cd /; umount -R "$base" 2>/dev/null; rm -rf "$tmp"; modprobe -r moeai_fs_logger' EXIT

# ---- helpers ------------------------------------------------------------------------

# An empty folder in a file system of its own, and no watch.
begin() {
	umount -R "$base" 2>/dev/null || true
	mkdir -p "$base"
	mount -t tmpfs none "$base"
	mkdir "$w"
	chmod 755 "$tmp"
	moectl table fs_logger.watches flush >/dev/null
}

rows() { moectl watch list --tab | wc -l; }

# Follow in the background, with its output in $tmp/seen; returns when it does.
follow() { # ARGUMENT...
	moectl watch "$@" >"$tmp/seen" 2>"$tmp/told" &
	follower=$!
	for _ in {1..100}; do
		! moectl watch list --tab | cut -f 2 | grep -qx "$follower" || return 0
		sleep 0.1
	done
	fail "it does not follow: $(cat "$tmp/told")"
}

# End it, as Ctrl-C does, when there is a line with that text.
follow_end() { # TEXT
	await "$tmp/seen" "$1"
	kill -INT "$follower"
	wait "$follower" || fail "exit status $?: $(cat "$tmp/told")"
}

# Run a program that ends at once; its pid is $pid.
run() {
	"$@" &
	pid=$!
	wait "$pid"
}

# Where it really is.
program() { realpath "$(type -P "$1")"; }

# Column N of the lines that follow() has seen of files.
seen() { grep '^file' "$tmp/seen" | cut -f "$1"; }

# ---- watches that stay ------------------------------------------------------------------

test_add() {
	begin
	has "$(moectl watch add "$w")" $'changed\t1'
	moectl watch list --json | tr -d '\n' | json "[r['path'] for r in x] == ['$w'] and
		x[0]['holder'] == 0 and x[0]['recursive'] is True and x[0]['comm'] == 'moectl' and
		x[0]['state'] == 'watching' and 'exec' not in x[0]['ops'] and 'delete' in x[0]['ops']"
	refused 1 "$w is watched already" moectl watch add "$w"
	same 1 "$(rows)"
	moectl watch remove "$w" >/dev/null
	same 0 "$(rows)"
	refused 1 "$w is not watched" moectl watch remove "$w"
	moectl watch add "$w" --no-recursive --ops delete,exec --exclude '*.o' --exclude /build \
		--fold 500ms >/dev/null
	moectl watch list --json | tr -d '\n' | json "x[0]['recursive'] is False and
		x[0]['ops'] == ['delete', 'exec'] and x[0]['exclude'] == '*.o:/build' and
		x[0]['fold'] == 500000000 and x[0]['exclude_self'] is False"
}

# A path is what it leads to: a link, a dot, a slash at its end.
test_paths() {
	begin
	mkdir "$w/real"
	ln -s real "$w/link"
	for path in "$w/link" "$w//real/" "$w/real/../real"; do
		moectl watch add "$path" >/dev/null
		same "$w/real" "$(moectl watch list --tab | cut -f 1)"
		moectl watch remove "$path" >/dev/null
		same 0 "$(rows)"
	done
	cd "$w"
	moectl watch add real >/dev/null
	same "$w/real" "$(moectl watch list --tab | cut -f 1)"
	moectl watch remove ./link/ >/dev/null
	# What is no more can be removed.
	moectl watch add "$w/real" >/dev/null
	rmdir real
	moectl watch list --json | tr -d '\n' | json "x[0]['state'] == 'deleted'"
	moectl watch remove real >/dev/null
	same 0 "$(rows)"
}

test_refused() {
	begin
	touch "$w/file"
	refused 1 "$w/nothing: No such file or directory" moectl watch add "$w/nothing"
	refused 1 'Not a directory' moectl watch add "$w/file/x"
	refused 1 'No such file or directory' moectl watch "$w/nothing"
	refused 1 "exclude: a name has no '/'" moectl watch add "$w" --exclude a/b
	refused 1 'exclude: a pattern is empty' moectl watch add "$w" --exclude a::b
	refused 1 CAP_NET_ADMIN nobody moectl watch add "$w"
	refused 1 CAP_NET_ADMIN nobody moectl watch remove "$w"
	refused 1 CAP_SYS_ADMIN nobody moectl watch list
	refused 1 CAP_SYS_ADMIN nobody moectl files
	refused 1 CAP_DAC_READ_SEARCH setpriv --bounding-set=-dac_read_search moectl watch add "$w"
	setpriv --bounding-set=-dac_read_search moectl watch add "$w" --no-recursive >/dev/null
	same 1 "$(rows)"
	moectl watch remove "$w" >/dev/null
	# One of several: none.
	mkdir "$w/m"
	mount -t tmpfs none "$w/m"
	moectl watch add "$w/m" >/dev/null
	refused 1 "$w/m is watched already" moectl watch add "$w" --mounts
	same 1 "$(rows)"
}

test_usage() {
	refused 2 'watch what' moectl watch
	refused 2 'give PATH' moectl watch add
	refused 2 'is empty' moectl watch add ''
	refused 2 'too much' moectl watch "$w" "$w"
	refused 2 'too much' moectl watch list "$w"
	refused 2 '--ops creat: give some of create' moectl watch "$w" --ops creat
	refused 2 '--fold x' moectl watch "$w" --fold x
	refused 2 '--fold 2h' moectl watch "$w" --fold 2h
	refused 2 'for adding and following' moectl watch list --ops all
	refused 2 'for adding and following' moectl watch remove "$w" --fold 1s
	refused 2 'for following' moectl watch add "$w" --count 1
	refused 2 'with --no-recursive' moectl watch "$w" --mounts --no-recursive
	refused 2 'bytes in all' moectl watch "$w" --exclude "$(printf 'x%.0s' {1..1025})"
	refused 2 '--by pid: give process, path or user' moectl files --by pid
	refused 2 '--last x' moectl files --last x
	refused 2 '--count 0' moectl files --count 0
}

# ---- following ------------------------------------------------------------------------

test_follow() {
	local pid
	begin
	follow "$w" --ops all
	run touch "$w/a"
	await "$tmp/seen" create
	same "$w/a root $(program touch) $pid" "$(awk -F '\t' '$4 == "create" {
		print $5, $10, $11, $8 }' "$tmp/seen")"
	run sh -c "echo x >$w/a"
	await "$tmp/seen" $'close_write\t'"$w/a"$'\t\t1\t'"$pid"$'\tsh\t'
	grep -q $'modify\t'"$w/a"$'\t\t1\t'"$pid"$'\tsh\t' "$tmp/seen"
	run mv "$w/a" "$w/b"
	await "$tmp/seen" $'rename\t'"$w/b"$'\t'"$w/a"$'\t1\t'"$pid"$'\tmv\t'
	mkdir "$w/deep" "$w/deep/er"
	cp "$(program true)" "$w/deep/er/program"
	run "$w/deep/er/program"
	await "$tmp/seen" $'exec\t'"$w/deep/er/program"$'\t\t1\t'"$pid"
	run setpriv --reuid 65534 --clear-groups cat "$w/b"
	await "$tmp/seen" $'open\t'"$w/b"$'\t\t1\t'"$pid"$'\tcat\tnobody\t'
	# Out of it, and into it.
	run mv "$w/b" "$base/out"
	await "$tmp/seen" $'rename\t'"$base/out"$'\t'"$w/b"$'\t'
	run mv "$base/out" "$w/c"
	await "$tmp/seen" $'rename\t'"$w/c"$'\t'"$base/out"$'\t'
	run rm "$w/c"
	follow_end $'delete\t'"$w/c"
	same 0 "$(rows)"
	has_not "$(cat "$tmp/seen")" moectl
}

test_forms() {
	local pid
	begin
	follow "$w" --ops create,rename --json
	run touch "$w/a b"
	run mv "$w/a b" "$w/c"
	follow_end '"old_path"'
	json_lines "[(x['type'], x['path'], x.get('old_path'), x['user']) for x in xs[1:]] ==
		[('fs_logger.create', '$w/a b', None, 'root'), ('fs_logger.rename', '$w/c', '$w/a b', 'root')]
		and xs[2]['fields']['pid'] == $pid and xs[2]['fields']['watch'] == '$w' and
		xs[0]['kind'] == 'epoch'" <"$tmp/seen"
	follow "$w" --ops create,rename --pretty
	run touch "$w/a b"
	run mv "$w/a b" "$w/c"
	follow_end ' → '
	has "$(cat "$tmp/seen")" 'OPERATION    PROCESS'
	has "$(cat "$tmp/seen")" "\"$w/a b\" → $w/c ($(program mv))"
	has "$(cat "$tmp/seen")" "mv[$pid]"
	has_not "$(cat "$tmp/seen")" epoch
}

# No name of a file can do anything to a terminal, or to a script.
test_names() {
	local name
	begin
	follow "$w" --ops create
	for name in $'new\nline' $'\e[2J' $'tab\there' $'\xff\xfe' 'back\slash' "$(printf 'x%.0s' {1..255})"; do
		touch "$w/$name"
	done
	follow_end xxxx
	same 6 "$(grep -c ^file "$tmp/seen")"
	same 11 "$(awk -F '\t' '{ print NF }' <(grep ^file "$tmp/seen") | sort -u)"
	printable "$(cat "$tmp/seen")"
	same "$w/"'new\nline' "$(seen 5 | head -n 1)"
	same $'\xff\xfe' "$(printf %b "$(seen 5 | sed -n 's,.*/\(\\xff.*\),\1,p')")"
}

test_ends() {
	begin
	moectl watch "$w" --timeout 0.3 >/dev/null 2>&1 || fail "a timeout is no failure: $?"
	moectl watch "$w" --count 1 --timeout 0.3 >/dev/null 2>&1 && fail 'too few, and 0'
	same 0 "$(rows)"
	follow "$w" --count 2
	touch "$w/a" "$w/b" "$w/c"
	wait "$follower" || fail "exit status $?"
	same 2 "$(grep -c ^file "$tmp/seen")"
	# A reader that goes away.
	moectl watch "$w" --json 2>"$tmp/told" | head -n 1 >/dev/null
	same '0 0' "${PIPESTATUS[*]}"
	same 0 "$(rows)"
	# Killed: then the kernel takes it away, and says so.
	follow "$w"
	kill -KILL "$follower"
	wait "$follower" 2>/dev/null || true
	for _ in {1..100}; do
		[ "$(rows)" -gt 0 ] || break
		sleep 0.1
	done
	same 0 "$(rows)"
	moectl log --type fs_logger.watch --json | tail -n 1 |
		json_lines "xs[0]['fields']['change'] == 'released' and xs[0]['fields']['watch'] == '$w'"
}

# A watch that somebody takes away does not leave a moectl behind that sees nothing.
test_removed() {
	begin
	follow "$w"
	moectl watch add "$base" --ops delete >/dev/null
	touch "$w/a"
	await "$tmp/seen" create
	moectl table fs_logger.watches flush >/dev/null
	wait "$follower" && fail 'the watch is gone, and 0'
	has "$(cat "$tmp/told")" 'somebody has removed the watch'
}

# What moectl writes into a watched file is no event, unless wanted.
test_self() {
	begin
	moectl watch "$w" --timeout $((4 * ${PATIENCE:-1})) --json >"$w/out" 2>"$tmp/told" &
	follower=$!
	await "$w/out" epoch
	for _ in {1..100}; do
		[ "$(rows)" = 0 ] || break
		sleep 0.1
	done
	touch "$w/a"
	wait "$follower" || fail "exit status $?"
	json_lines "{x['fields']['comm'] for x in xs if x['kind'] == 'event'} == {'touch'}" <"$w/out"
	has "$(cat "$tmp/told")" 'operations of moectl itself were left out'
	follow "$w" --include-self --ops create --timeout 20
	# Another process of that name is another one.
	(exec -a moectl touch "$w/b") && cp "$(program touch)" "$tmp/moectl" && "$tmp/moectl" "$w/c"
	follow_end "$w/c"
	same 2 "$(grep -c ^file "$tmp/seen")"
}

# What a folder's name is does not matter, nor where it goes.
test_moved() {
	begin
	mkdir "$w/f" "$w/g"
	follow "$w/f"
	mv "$w/f" "$w/g/h"
	touch "$w/g/h/x"
	await "$tmp/seen" "create"
	same "$w/f/x" "$(awk -F '\t' '$4 == "create" { print $5 }' "$tmp/seen")"
	has "$(grep ^watch "$tmp/seen")" $'moved\t'"$w/f"$'\t'
	# Another one in its place is not it.
	mkdir "$w/f"
	touch "$w/f/other"
	rm -r "$w/g/h"
	wait "$follower" && fail 'nothing is left to follow, and 0'
	has "$(cat "$tmp/told")" "$w/f is no more"
	has_not "$(cat "$tmp/seen")" other
	same 0 "$(rows)"
}

# What other watches tell belongs to it, as far as it is asked for; and nothing else.
test_other_watches() {
	begin
	mkdir "$w/in" "$w/in/deep" "$w/beside"
	moectl watch add "$w/in" --ops all >/dev/null
	moectl watch add "$w/beside" >/dev/null
	follow "$w/in/deep" --ops create,delete --exclude '*.o'
	touch "$w/in/deep/a" "$w/in/b" "$w/beside/c" "$w/in/deep/x.o"
	rm "$w/in/deep/a"
	follow_end delete
	same "$w/in/deep/a $w/in/deep/a" "$(seen 5 | xargs)"
	# The other one is nearer, and tells it.
	follow "$w" --ops create,delete --exclude '*.o'
	touch "$w/in/deep/a" "$w/in/deep/x.o" "$w/d"
	cat "$w/d"
	rm "$w/in/deep/a"
	follow_end delete
	same "$w/in/deep/a $w/d $w/in/deep/a" "$(seen 5 | xargs)"
	follow "$w" --no-recursive --ops create
	touch "$w/in/deep/e" "$w/in/f" "$w/g"
	follow_end "$w/g"
	same "$w/g" "$(seen 5 | xargs)"
}

test_fold() {
	begin
	follow "$w" --fold 1s --ops modify
	for i in {1..20}; do
		echo "$i" >&3
	done 3>"$w/a"
	await "$tmp/seen" "modify" && sleep 2
	follow_end modify
	same 2 "$(grep -c ^file "$tmp/seen")"
	same 20 "$(($(seen 7 | paste -sd +)))"
}

# ---- mounts ------------------------------------------------------------------------------

test_mounts() {
	begin
	mkdir "$w/one" "$w/t wo" "$w/part" "$w/real"
	mount -t tmpfs none "$w/one"
	mount -t tmpfs none "$w/t wo"
	mount --bind "$w/real" "$w/part"
	moectl watch add "$w" >/dev/null 2>"$tmp/told"
	same "moectl: not watched, as it is mounted below: $w/one, $w/t wo; see --mounts" \
		"$(cat "$tmp/told")"
	moectl watch remove "$w" >/dev/null
	moectl watch add "$w" --mounts --exclude '/one/x:*.o:/t wo' >/dev/null 2>"$tmp/told"
	same '' "$(cat "$tmp/told")"
	same "$w $w/one" "$(moectl watch list --tab | cut -f 1 | xargs)"
	same '/one/x:*.o:/t wo /x:*.o' "$(moectl watch list --tab | cut -f 5 | xargs)"
	umount "$w/one"
	moectl watch list --json | tr -d '\n' | json "x[1]['state'] == 'unmounted'"
	has "$(moectl watch remove "$w" --mounts)" $'changed\t2'
	same 0 "$(rows)"
	mount -t tmpfs none "$w/one"
	follow "$w" --mounts --ops create
	touch "$w/one/a" "$w/t wo/b" "$w/part/c"
	follow_end /c
	same "$w/one/a|$w/t wo/b|$w/real/c" "$(seen 5 | paste -sd '|')"
	same 0 "$(rows)"
	# The last one ends it.
	follow "$w/one"
	umount "$w/one"
	wait "$follower" && fail 'nothing is left to follow, and 0'
	has "$(cat "$tmp/seen")" $'unmounted\t'"$w/one"
}

# ---- the busiest ---------------------------------------------------------------------------

test_files() {
	begin
	moectl run log.clear >/dev/null
	same '' "$(moectl files)"
	moectl watch add "$w" --ops create,delete,modify >/dev/null
	chmod 777 "$w"
	# shellcheck disable=SC2016
	run bash -c 'for ((i = 0; i < 30; i++)); do : >"$1/f$i"; done' x "$w"
	# shellcheck disable=SC2016
	nobody bash -c ': >"$1/n" && for ((i = 0; i < 5; i++)); do echo x; done >>"$1/n"' x "$w"
	rm "$w"/f{1,2,3}
	moectl files --json | tr -d '\n' | json "x[0]['pid'] == $pid and x[0]['create'] == 30 and
		x[0]['count'] == 30 and x[0]['comm'] == 'bash' and x[0]['exe'] == '$(program bash)' and
		[r['count'] for r in x] == [30, 6, 3] and x[1]['user'] == 'nobody' and
		x[2]['comm'] == 'rm' and x[2]['delete'] == 3 and x[0]['missed'] == 0"
	moectl files --by path --json | tr -d '\n' | json "x[0]['path'] == '$w/n' and
		x[0]['modify'] == 5 and x[0]['create'] == 1 and len(x) == 20"
	same 31 "$(moectl files --by path --count 100 | wc -l)"
	same $'0\troot\t33' "$(moectl files --by user | head -n 1 | cut -f 1-3)"
	has "$(moectl files --pretty)" 'CREATE'
	has_not "$(moectl files --pretty)" 'RENAME'
	same 33 "$(moectl files --by user --last 1h | head -n 1 | cut -f 3)"
	sleep 1
	same '' "$(moectl files --last 1ms)"
	# What the log no longer has is told.
	moectl run log.clear >/dev/null
	touch "$w/last"
	has "$(moectl files 2>&1 >/dev/null)" 'are no longer in the log: this is what happened since'
	same '' "$(moectl files --last 1ms 2>&1)"
}

# ---- the module, and the example ------------------------------------------------------------

test_not_loaded() {
	begin
	follow "$w"
	modprobe -r moeai_fs_logger
	wait "$follower" && fail 'the module is gone, and 0'
	has "$(cat "$tmp/told")" 'fs_logger was unloaded'
	for words in "watch $w" "watch add $w" "watch remove $w" 'watch list' files; do
		# shellcheck disable=SC2086
		refused 1 'modprobe moeai_fs_logger' moectl $words
	done
	build/examples/watch_files "$w" 2>"$tmp/err" && fail 'without the module, and 0'
	has "$(cat "$tmp/err")" 'modprobe moeai_fs_logger'
	modprobe moeai_fs_logger
	same 0 "$(rows)"
}

test_example() {
	begin
	build/examples/watch_files "$w" 2 >"$tmp/out" &
	pid=$!
	for _ in {1..100}; do
		[ "$(rows)" = 0 ] || break
		sleep 0.1
	done
	touch "$w/é"
	wait $pid
	has "$(cat "$tmp/out")" "uid 0 create $w/\\xc3\\xa9"
	build/examples/watch_files 2>/dev/null && fail 'no folder, and 0'
	build/examples/watch_files "$w/nothing" 2>"$tmp/err" && fail 'no such folder, and 0'
	has "$(cat "$tmp/err")" 'no such file or folder'
}

run_cases

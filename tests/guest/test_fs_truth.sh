#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# fs_logger next to others that watch the same workload: strace, inotify, fanotify
# and audit. What they saw it tells, of the right process, and nothing else:
# tests/guest/fs_truth.py compares. Cases are the functions test_*;
# check: limit=1800 slow

set -u

# shellcheck source=tests/guest/moectl.sh
. tests/guest/moectl.sh

w=$tmp/w
tmp=$(realpath "$tmp")
modprobe moeai_fs_logger
trap 'cd /; umount -R "$w" 2>/dev/null; rm -rf "$tmp"; modprobe -r moeai_fs_logger' EXIT

# Everything that tells, moves, or closes.
calls=open,openat,openat2,creat,mkdir,mkdirat,mknod,mknodat,symlink,symlinkat,link,linkat
calls+=,rename,renameat,renameat2,unlink,unlinkat,rmdir,chmod,fchmod,fchmodat,chown,fchown,lchown
calls+=,fchownat,utime,utimes,futimesat,utimensat,setxattr,lsetxattr,fsetxattr,removexattr
calls+=,lremovexattr,fremovexattr,write,pwrite64,writev,pwritev,pwritev2,copy_file_range,sendfile
calls+=,splice,fallocate,truncate,ftruncate,close,close_range,dup,dup2,dup3,fcntl,clone,clone3,fork
calls+=,vfork,execve,execveat,chdir,fchdir

# ---- observers ----------------------------------------------------------------------

# An empty file system of its own, no watch.
begin() {
	umount -R "$w" 2>/dev/null || true
	mkdir -p "$w"
	mount -t tmpfs none "$w"
	moectl table fs_logger.watches flush >/dev/null
	rm -rf "$tmp/seen"
	mkdir "$tmp/seen"
	echo "$w" >"$tmp/seen/root"
}

start_audit() {
	mkdir -p "$tmp/audit"
	chmod 700 "$tmp/audit"
	cat >"$tmp/audit/auditd.conf" <<-EOF
		log_file = $tmp/seen/audit
		log_format = RAW
		flush = NONE
		freq = 0
		max_log_file = 100
		max_log_file_action = IGNORE
		space_left = 2
		space_left_action = IGNORE
		admin_space_left = 1
		admin_space_left_action = IGNORE
		disk_full_action = IGNORE
		disk_error_action = IGNORE
		local_events = yes
	EOF
	chmod 600 "$tmp/audit/auditd.conf"
	auditd -n -c "$tmp/audit" >"$tmp/auditd" 2>&1 &
	auditd=$!
	for _ in {1..100}; do
		! auditctl -s 2>/dev/null | grep -qx "pid $auditd" || break
		sleep 0.1
	done
	auditctl -s | grep -qx "pid $auditd" || fail "no auditd: $(cat "$tmp/auditd")"
	{
		auditctl -D
		auditctl -b 65536
		auditctl -a always,exit -F arch=b64 -F dir="$w" -F perm=wa
	} >/dev/null
}

end_audit() {
	auditctl -D >/dev/null
	auditctl -m the-end
	await "$tmp/seen/audit" the-end
	same 'lost 0' "$(auditctl -s | grep '^lost')"
	auditctl -e 0 >/dev/null
	kill "$auditd"
	wait "$auditd" || true
}

start_inotify() {
	inotifywait -qmr -e create,delete,modify,close_write,attrib,move --format $'%e\t%w%f' \
		"$w" >"$tmp/seen/inotify" 2>"$tmp/inotify" &
	inotify=$!
	for _ in {1..100}; do
		! grep -qs '^inotify wd' "/proc/$inotify/fdinfo/"* || return 0
		sleep 0.1
	done
	fail "no inotify: $(cat "$tmp/inotify")"
}

start_fatrace() {
	(cd "$w" && exec stdbuf -oL fatrace -c) >"$tmp/seen/fatrace" 2>"$tmp/fatrace" &
	fatrace=$!
	for _ in {1..100}; do
		! grep -qs '^fanotify \(sdev\|mnt_id\)' "/proc/$fatrace/fdinfo/"* || return 0
		sleep 0.1
	done
	fail "no fatrace: $(cat "$tmp/fatrace")"
}

# Run a shell script in $w, while everybody looks, and compare.
observe() { # SCRIPT
	local since
	find "$w" >"$tmp/seen/before"
	start_audit
	start_inotify
	start_fatrace
	since=$(next_seq)
	moectl watch add "$w" --ops all >/dev/null
	strace --seccomp-bpf -f -y -xx -s 2 -o "$tmp/seen/strace" -e "trace=$calls" -e signal=none \
		bash -ec "cd '$w'; $1; : >'$w/the-end'" >"$tmp/workload" 2>&1 ||
		fail "the workload failed: $(cat "$tmp/workload")"
	await "$tmp/seen/inotify" the-end
	await "$tmp/seen/fatrace" the-end
	moectl watch remove "$w" >/dev/null
	kill "$inotify" "$fatrace"
	wait "$inotify" "$fatrace" || true
	end_audit
	moectl log --type 'fs_logger.*' --since "$since" --json >"$tmp/seen/moeai"
	python3 tests/guest/fs_truth.py "$tmp/seen"
}

# ---- workloads ------------------------------------------------------------------------

# A source tree, some of it in deeper folders, with links.
make_source() { # FOLDER
	local i
	mkdir -p "$1/lib/deep/er" "$1/include" "$1/doc"
	for i in 1 2 3; do
		printf '#include "all.h"\nint f%d(void) { return %d; }\n' "$i" "$i" >"$1/lib/f$i.c"
		echo "int f$i(void);" >>"$1/include/all.h"
	done
	printf '#include "all.h"\nint main(void) { return f1() + f2() - f3(); }\n' >"$1/main.c"
	cat >"$1/Makefile" <<-'EOF'
		CFLAGS = -Iinclude
		prog: main.o lib/lib.a; $(CC) -o $@ $^
		lib/lib.a: lib/f1.o lib/f2.o lib/f3.o; ar rcs $@ $^
		clean:; rm -f prog lib/lib.a *.o lib/*.o
	EOF
	for i in {1..12}; do echo "$i" >"$1/doc/page $i"; done
	: >"$1/lib/deep/er/empty"
	ln -s ../Makefile "$1/doc/symbolic"
	ln "$1/doc/page 1" "$1/doc/hard"
	chmod 600 "$1/doc/page 2"
}

test_source_tree() {
	begin
	make_source "$tmp/source"
	tar -C "$tmp" -czf "$tmp/source.tar.gz" source
	# shellcheck disable=SC2016
	observe '
		mkdir tmp
		export TMPDIR=$PWD/tmp
		tar xzf ../source.tar.gz
		make -j2 -C source
		source/prog
		make -C source clean
		mv source/doc source/lib/deep/papers
		rm -r source'
}

test_package() {
	begin
	mkdir -p "$tmp/package/DEBIAN" "$tmp/package/etc"
	make_source "$tmp/package/usr/share/truth"
	echo 'setting = 1' >"$tmp/package/etc/truth.conf"
	echo /etc/truth.conf >"$tmp/package/DEBIAN/conffiles"
	cat >"$tmp/package/DEBIAN/control" <<-EOF
		Package: truth
		Version: 1
		Architecture: all
		Maintainer: nobody <nobody@example.org>
		Description: to be installed
	EOF
	dpkg-deb --build --root-owner-group "$tmp/package" "$tmp/truth.deb" >/dev/null
	# shellcheck disable=SC2016
	observe '
		mkdir -p root/var/lib/dpkg/updates root/var/lib/dpkg/info
		: >root/var/lib/dpkg/status
		dpkg --root="$PWD/root" --log="$PWD/log" -i ../truth.deb
		dpkg --root="$PWD/root" --log="$PWD/log" -P truth'
}

test_git() {
	begin
	export HOME=$tmp GIT_CONFIG_NOSYSTEM=1
	make_source "$w/source"
	git init -q "$w/source"
	git -C "$w/source" add .
	git -C "$w/source" -c user.name=n -c user.email=n@example.org commit -qm first
	observe '
		git clone -q source clone
		git -C clone checkout -q -b other
		rm -r clone'
}

# ---- processes that are gone --------------------------------------------------------------

# Each with a program and a name of its own, which runs no longer than it takes; who
# reads is stopped meanwhile.
test_gone() {
	local i reader
	begin
	mkdir "$w/bin" "$w/made"
	cp "$(realpath "$(type -P touch)")" "$w/bin/p1"
	for i in {2..300}; do ln "$w/bin/p1" "$w/bin/p$i"; done
	moectl watch "$w/made" --ops create --count 300 --json >"$tmp/seen/moeai" &
	reader=$!
	for _ in {1..100}; do
		[ "$(moectl watch list --tab | wc -l)" = 0 ] || break
		sleep 0.1
	done
	kill -STOP $reader
	for i in {1..300}; do
		"$w/bin/p$i" "$w/made/f$i" &
		echo "$i $!"
	done >"$tmp/pids"
	# shellcheck disable=SC2046
	wait $(cut -d ' ' -f 2 "$tmp/pids")
	kill -CONT $reader
	wait $reader
	python3 - "$tmp/pids" "$tmp/seen/moeai" <<-'EOF'
		import json, sys
		wanted = {f"/made/f{i}": (int(pid), f"p{i}", f"/bin/p{i}")
		          for i, pid in map(str.split, open(sys.argv[1]))}
		events = [json.loads(line) for line in open(sys.argv[2])]
		got = {e["fields"]["path"]: tuple(e["fields"].get(k) for k in ("pid", "comm", "exe"))
		       for e in events if e["kind"] == "event"}
		wrong = {p: (wanted.get(p), got.get(p)) for p in wanted.keys() | got.keys()
		         if wanted.get(p) != got.get(p)}
		sys.exit(f"{len(wrong)} are named wrong: {list(wrong.items())[:5]}" if wrong else 0)
	EOF
}

run_cases

# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# For guest tests of moectl: a script defines cases, functions test_*, and ends
# with 'run_cases'. $tmp is theirs. MOEAI_TEST_FILTER chooses.

set -u

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

fail() { # TEXT
	echo "${1:0:2000}"
	exit 1
}

same() { # WANTED GOT
	[ "$1" = "$2" ] || fail "$(printf 'wanted: %q\ngot:    %q' "$1" "$2")"
}

has() { # TEXT PATTERN
	[[ $1 == *"$2"* ]] || fail "$(printf 'no %q in: %q' "$2" "$1")"
}

has_not() {
	[[ $1 != *"$2"* ]] || fail "$(printf '%q is in: %q' "$2" "$1")"
}

# Run a command that shall end with STATUS, print nothing on stdout, and say on
# stderr, in lines that begin so, "moectl: ... TEXT".
refused() { # STATUS TEXT COMMAND...
	local status=$1 text=$2 got=0
	shift 2
	"$@" >"$tmp/out" 2>"$tmp/err" || got=$?
	[ "$got" = "$status" ] || fail "exit status $got of: $*"
	same '' "$(cat "$tmp/out")"
	has "$(cat "$tmp/err")" "$text"
	has "$(head -n 1 "$tmp/err")" 'moectl: '
	! grep -qE '[Ee]rrno|error -?[0-9]+|Unknown error' "$tmp/err" ||
		fail "a bare errno: $(cat "$tmp/err")"
}

# Nothing that a terminal would obey, but newlines and tabs.
printable() { # TEXT
	! LC_ALL=C grep -q $'[\001-\010\013-\037\177]' <<<"$1" ||
		fail "$(printf 'control characters: %q' "$1")"
}

json() { # EXPRESSION, over x: stdin as one JSON value
	python3 -c 'import json, sys
x = json.loads(sys.stdin.buffer.read().decode("utf-8", "strict"))
v = eval("(" + sys.argv[1] + ")")
sys.exit(0 if v is True else f"{sys.argv[1]}: {v!r} in {x!r}")' "$1"
}

json_lines() { # EXPRESSION, over xs: the objects, one a line
	python3 -c 'import json, sys
xs = [json.loads(line) for line in sys.stdin.buffer.read().decode("utf-8", "strict").splitlines()]
v = eval("(" + sys.argv[1] + ")")
sys.exit(0 if v is True else f"{sys.argv[1]}: {v!r} in {xs!r}")' "$1"
}

# As moectl is seen on a terminal of 80 columns.
terminal() { # COMMAND
	COLUMNS=80 TERM=xterm PAGER=${PAGER-} script -qec "$1" /dev/null </dev/null | tr -d '\r'
}

nobody() { setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps=-all "$@"; }
powerless() { setpriv --bounding-set=-all --inh-caps=-all "$@"; }
next_seq() { moectl status --tab | awk '$1 == "log_next" { print $2 }'; }

# The last user.message, as the kernel has it.
last_message() { moectl log --type user.message --json | tail -n 1; }

# Wait until a file has a text.
await() { # FILE TEXT
	for _ in {1..100}; do
		! grep -q -- "$2" "$1" || return 0
		sleep 0.1
	done
	fail "no $2 came: $(cat "$1")"
}

unload() { modprobe -r moeai_mem_monitor && modprobe -r moeai; }
load() { modprobe moeai && modprobe moeai_mem_monitor; }

run_cases() {
	local n=0 failed=0 case cases status
	mapfile -t cases < <(declare -F | awk '$3 ~ /^test_/ { print substr($3, 6) }')
	for case in "${cases[@]}"; do
		# shellcheck disable=SC2053
		[[ $case == ${MOEAI_TEST_FILTER:-*} ]] || continue
		n=$((n + 1))
		(
			set -e
			"test_$case"
		) >"$tmp/said" 2>&1
		status=$?
		if [ $status -eq 0 ]; then
			echo "ok $n - $case"
		else
			echo "not ok $n - $case"
			sed 's/^/# /' "$tmp/said"
			failed=$((failed + 1))
			load # the case may have ended between unload and load
		fi
	done
	echo "1..$n"
	[ $failed -eq 0 ]
}

# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# For guest tests that are shell scripts: a script defines cases, functions
# test_*, and ends with 'run_cases'. $tmp is theirs. MOEAI_TEST_FILTER chooses.

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
export PYTHONDONTWRITEBYTECODE=1

fail() {
	echo "$*"
	exit 1
}

same() { # WANTED GOT
	[ "$1" = "$2" ] || fail "$(printf 'wanted: %q\ngot:    %q' "$1" "$2")"
}

has() { # TEXT PATTERN
	[[ $1 == *"$2"* ]] || fail "$(printf 'no %q in: %q' "$2" "$1")"
}

has_not() { # TEXT PATTERN
	[[ $1 != *"$2"* ]] || fail "$(printf '%q is in: %q' "$2" "$1")"
}

json() { # EXPRESSION over xs: stdin, JSON values one a line; x is the last
	python3 -c 'import json, sys
xs = [json.loads(line) for line in sys.stdin]
x = xs[-1]
v = eval("(" + sys.argv[1] + ")")
sys.exit(0 if v is True else f"{sys.argv[1]}: {v!r} in {xs!r}")' "$1"
}

# Wait until a file has a text.
await() { # FILE TEXT [SECONDS]
	local i
	for ((i = 0; i < ${3:-30} * 10; i++)); do
		! grep -q -- "$2" "$1" || return 0
		sleep 0.1
	done
	fail "no $2 came: $(cat "$1")"
}

nobody() { setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps=-all "$@"; }

run_cases() {
	local n=0 failed=0 case cases status start
	mapfile -t cases < <(declare -F | awk '$3 ~ /^test_/ { print substr($3, 6) }')
	for case in "${cases[@]}"; do
		# shellcheck disable=SC2053
		[[ $case == ${MOEAI_TEST_FILTER:-*} ]] || continue
		n=$((n + 1)) start=$SECONDS
		(
			set -e
			"test_$case"
		) >"$tmp/said" 2>&1
		status=$?
		if [ $status -eq 0 ]; then
			echo "ok $n - $case # $((SECONDS - start)) s"
		else
			echo "not ok $n - $case"
			sed 's/^/# /' "$tmp/said"
			failed=$((failed + 1))
		fi
	done
	echo "1..$n"
	[ $failed -eq 0 ]
}

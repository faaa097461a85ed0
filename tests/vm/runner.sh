# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Runs one test program and counts its cases; for tests/vm/check on the host
# and tests/guest/run in the guest.
#
# A test program is cmocka's, made to speak TAP, or any other, which then
# counts as one case: exit status 0 passed, 77 skipped, else failed. A skipped
# case is a failure when CI=true.

export CMOCKA_MESSAGE_OUTPUT=TAP

# run_case PROGRAM SOURCE OUTPUT [WRAPPER...]
#
# Run PROGRAM with its output in the file OUTPUT. Sets passed, failed and
# skipped to how many cases did so, and reasons to the failures that only the
# exit status tells of.
run_case() {
	local program=$1 source=$2 output=$3 limit start status
	shift 3
	# A test that needs longer says so in its source, a slow kernel as well.
	limit=$(sed -n 's/.*check: limit=\([0-9]\+\).*/\1/p' "$source")
	limit=$((${limit:-${TEST_LIMIT:-120}} * ${PATIENCE:-1}))

	# The outer redirection is for the shell's own "Killed".
	start=$SECONDS
	{
		"$@" timeout -k 5 "$limit" "$program" </dev/null >"$output" 2>&1
		status=$?
	} 2>/dev/null
	if [ $status -ge 128 ] && [ $((SECONDS - start)) -ge "$limit" ]; then
		status=124
	fi

	passed=$(grep -cE '^ok [0-9]+' "$output")
	failed=$(grep -E '^not ok [0-9]+' "$output" | grep -vc '# SKIP')
	skipped=$(grep -cE '^not ok [0-9]+ # SKIP' "$output")
	reasons=()
	case $status in
	0)
		if [ $((passed + failed + skipped)) -gt 0 ]; then
			:
		elif grep -qx '1\.\.0' "$output"; then
			fail_case "ran no test"
		else
			passed=1
		fi
		;;
	77) skipped=$((skipped + 1)) ;;
	124) fail_case "killed after $limit seconds" ;;
	*)
		# cmocka's exit status is the number of failures.
		if [ "$failed" -eq 0 ] || [ "$status" -ge 128 ]; then
			fail_case "exit status $status"
		fi
		;;
	esac
	if [ "$skipped" -gt 0 ] && [ "${CI:-}" = true ]; then
		fail_case "skipped in CI"
	fi
}

# One more failure of the program that ran last.
fail_case() { # REASON...
	reasons+=("$*")
	failed=$((failed + 1))
}

# Print the result of the program that ran last.
report_case() { # NAME OUTPUT SECONDS
	local verdict="passed $passed"
	[ "$skipped" -eq 0 ] || verdict+=", skipped $skipped"
	[ "$failed" -eq 0 ] || verdict="FAILED $failed, $verdict"
	printf '%-32s %3d s  %s\n' "$1" "$3" "$verdict"
	if [ "$failed" -gt 0 ] || [ -n "${VERBOSE:-}" ]; then
		sed 's/^/    /' "$2"
	fi
	[ ${#reasons[@]} -eq 0 ] || printf '    => %s\n' "${reasons[@]}"
}

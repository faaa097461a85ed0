# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# For tests/vm/demo: a program eats memory until the kernel kills it.

hog=''

memory_down() { [ -z "$hog" ] || kill -KILL "$hog"; }

# Print what the monitor prints. When memory is out, this shell must not start a
# process.
memory_follow() {
	local line type fields
	while ! over && ! has recovered; do
		IFS= read -r -t 1 line <&3 || continue
		printf '%s\n' "$line"
		[[ $line =~ ' mem_monitor.'([a-z]+)' '+(.*) ]] || continue
		type=${BASH_REMATCH[1]} fields=" ${BASH_REMATCH[2]} "
		case $type in
		level) [[ $fields == *' level=none '* ]] || see level ;;
		consumer) [[ $fields != *" pid=$hog "* ]] || see consumer ;;
		victim) [[ $fields != *" pid=$hog "* ]] || see victim ;;
		recovered) ! has victim || see recovered ;;
		esac
	done
}

# Eat all memory, until that is over or there is no more time.
memory_pressure() {
	heading "moectl monitor    (while memhog eats all memory)"
	monitor_begin || return
	"${here:?}/memhog" &
	hog=$!
	memory_follow
	kill -KILL "$hog"
	wait "$hog"
	monitor_end
} 2>/dev/null # bash tells who was killed

memory() {
	# shellcheck disable=SC2034
	seen=''
	show moectl status
	show moectl run core.ping text=hello
	memory_pressure || return
	[ -n "$interrupted" ] || show moectl log --min-priority critical
	[ -n "$interrupted" ] || show moectl status
	heading "memhog was process $hog"
	if [ -z "$interrupted" ]; then
		show moectl why "$hog"
		! moectl why "$hog" --tab |
			grep -q "^answer	memhog\[$hog\] of root was killed by the kernel, because the system " ||
			see why
	fi
	hog=''
	verdict memory "levels that rose, memhog among the consumers, memhog killed, recovery,
      and why." level consumer victim recovered why
}

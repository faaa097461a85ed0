#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What the kernel's own tools show of the family: its groups, operations and
# policies, as include/uapi/linux/moeai.h documents them.

set -u

failed=0

# expect WHAT PATTERN: a line of $output must match.
expect() {
	grep -qE -- "$2" <<<"$output" || {
		echo "no $1 ($2) in:"
		echo "$output"
		failed=1
	}
}

command -v genl-ctrl-list >/dev/null || exit 77
command -v genl >/dev/null || exit 77

output=$(genl-ctrl-list -d | sed -n '/MOEAI/,/^0x.* version/p')
expect family '^0x[0-9a-f]{4} MOEAI version 1'
expect 'no header of its own' 'hdrsize 0'
for op in 0x01 0x02 0x04 0x05; do
	expect "operation $op" "op .* \($op\)"
done
expect 'EVENT for do and dump' 'op .* \(0x01\) <has_doit,has_dump,has_policy>'
expect 'COMMAND for administrators' 'op .* \(0x02\) <admin_perm,has_doit,has_policy>'
expect 'STATUS' 'op .* \(0x04\) <.*has_doit'
expect 'DATA' 'op .* \(0x05\) <.*has_dump,has_policy>'
expect 'group events' 'grp events \(0x[0-9a-f]+\)'
expect 'group status' 'grp status \(0x[0-9a-f]+\)'
if grep -qE 'op .* \(0x03\)' <<<"$output"; then
	echo "RESPONSE is no operation"
	failed=1
fi

output=$(genl ctrl policy name MOEAI)
# attribute OPERATION ATTRIBUTE PATTERN: as in that operation's policy.
attribute() {
	local policy
	policy=$(sed -nE "s/.* op $1 policies:.* ?(do|dump)=([0-9]+).*/\2/p" <<<"$output")
	expect "attribute $2 of operation $1" "policy\[$policy\]:attr\[$2\]: type=$3( |\$)"
}

attribute 1 5 'U32 range:\[0,3\]' # PRIORITY, up to warning
attribute 1 7 NESTED               # DATA
attribute 1 8 'NESTED policy:[0-9]+ maxattr:5' # FILTER
attribute 2 1 'U32 range:\[1,4294967295\]' # ID
attribute 2 2 'NUL_STRING max len:63'      # NAME
attribute 2 3 NESTED                       # ARGS
attribute 5 2 'NUL_STRING max len:63'      # TABLE
filter=$(sed -nE 's/.*attr\[8\]: type=NESTED policy:([0-9]+) maxattr:5.*/\1/p' <<<"$output")
expect 'SINCE in FILTER' "policy\[$filter\]:attr\[1\]: type=U64"
expect 'EPOCH in FILTER' "policy\[$filter\]:attr\[2\]: type=U64"
expect 'TYPE in FILTER' "policy\[$filter\]:attr\[3\]: type=U32"
expect 'MIN_PRIORITY in FILTER' "policy\[$filter\]:attr\[4\]: type=U32 range:\[0,4\]"
expect 'SOURCE in FILTER' "policy\[$filter\]:attr\[5\]: type=NUL_STRING max len:31"

exit $failed

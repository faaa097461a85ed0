# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# docs/writing-a-module.md as a program: its blocks of commands, and what they
# print.

# Block N becomes FOLDER/N.sh, and the text block behind it, if any, N.out; N has
# two digits.
guide_split() { # FOLDER
	awk -v folder="$1" '
		/^```/ && open { open = 0; if (to) close(to); to = ""; next }
		/^```/ { open = 1 }
		/^```sh$/ { to = sprintf("%s/%02d.sh", folder, ++n); printf "" >to; next }
		/^```text$/ { to = sprintf("%s/%02d.out", folder, n); next }
		open && to { print >to }' docs/writing-a-module.md
}

# The first block that needs the kernel it was built for: what stands before is
# done where there is a compiler for that.
guide_first_in_guest() { # FOLDER
	grep -l '^insmod' "$1"/*.sh | head -n 1
}

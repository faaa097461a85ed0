#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The manual pages are well-formed, and say of all that there is. Cases are the
# functions test_*; check: limit=300 kernels=6.1 slow

set -u

# shellcheck source=tests/clients/cases.sh
. tests/clients/cases.sh

shopt -s nullglob
pages=(moectl/man/*.8 libmoeai/man/*.[37] docs/man/*.[0-9])

test_lint() {
	local page
	for page in "${pages[@]}"; do
		same '' "$(mandoc -T lint -W warning "$page" 2>&1)"
		same '' "$(groff -mandoc -Tutf8 -ww -z "$page" 2>&1)"
	done
}

# Every function of the header is in one page, with its very prototype.
test_functions() {
	python3 - include/moeai/moeai.h libmoeai/man/*.3 <<'PYTHON'
import re
import sys

def plain(text):
    return re.sub(r"\s*([*,])\s*", r"\1", " ".join(text.split()))

header = open(sys.argv[1], encoding="utf-8").read()
wanted = {name: (plain(kind), plain(args)) for kind, name, args in
          re.findall(r"^MOEAI_API ([^;]*?)(moeai_\w+)\(([^;]*?)\);", header, re.M | re.S)}
found, wrong = {}, []
for page in sys.argv[2:]:
    text = open(page, encoding="utf-8").read()
    synopsis = re.search(r"^\.Sh SYNOPSIS\n(.*?)^\.Sh ", text, re.M | re.S)[1]
    named = set(re.findall(r"^\.Nm (\w+)", text.split(".Sh LIBRARY")[0], re.M))
    here = {}
    for kind, name, args in re.findall(r"^\.Ft (.*)\n\.Fn (\w+) (.*)$", synopsis, re.M):
        here[name] = plain(kind), plain(",".join(re.findall(r'"(.*?)"', args)))
    for kind, name, args in re.findall(r"^\.Ft ([^\n]*)\n\.Fo (\w+)\n(.*?)^\.Fc", synopsis,
                                       re.M | re.S):
        here[name] = plain(kind), plain(",".join(re.findall(r'^\.Fa "(.*?)"', args, re.M)))
    if named != set(here):
        wrong.append(f"{page}: NAME and SYNOPSIS differ: {sorted(named ^ set(here))}")
    for name in here:
        if name in found:
            wrong.append(f"{page}: {name} is in {found[name]} too")
        if wanted.get(name) != here[name]:
            wrong.append(f"{page}: {name}: {here[name]}, in the header {wanted.get(name)}")
        if not re.search(rf"^\.F[na] {name}\b", text[text.index(".Sh DESCRIPTION"):], re.M):
            wrong.append(f"{page}: nothing is said of {name}")
        found[name] = page
wrong += [f"{name} is in no page" for name in wanted if name not in found]
sys.exit("\n".join(wrong) or 0)
PYTHON
}

# What a page shows in C compiles, with a handle and an item at hand.
test_examples() {
	local page n=0
	for page in libmoeai/man/*.[37]; do
		awk '/^\.Sh/ { on = $2 == "EXAMPLES" } /^\.Ed/ { code = 0 } on && code
			on && /^\.Bd -literal/ { code = 1 }' "$page" |
			sed 's/\\e/\\/g; s/\\-/-/g' >"$tmp/code"
		[ -s "$tmp/code" ] || continue
		n=$((n + 1))
		{
			printf '#include <%s>\n' inttypes.h poll.h stdio.h string.h moeai/moeai.h
			echo 'int example(struct moeai *h, struct moeai_item item);'
			echo 'int example(struct moeai *h, struct moeai_item item) {{'
			cat "$tmp/code"
			echo '} return 0; }'
		} >"$tmp/example.c"
		# shellcheck disable=SC2046
		gcc -Wall -Wextra -Wno-unused-parameter -Werror -c -o "$tmp/example.o" "$tmp/example.c" \
			$(pkg-config --with-path=build/lib/pkgconfig --cflags libmoeai) || fail "$page"
	done
	[ $n -ge 6 ] || fail "$n pages have examples"
}

# Every page of the library is in libmoeai(7)'s list.
test_list() {
	local page
	for page in libmoeai/man/*.3; do
		page=$(basename "$page" .3)
		grep -q "^\.It Xr $page 3" libmoeai/man/libmoeai.7 || fail "libmoeai(7) has no $page"
	done
}

# What moectl(8) says of a command: from its .It Cm to the next of the outer list.
section() { # COMMAND
	awk -v name="$1" '/^\.Bl/ { depth++ } /^\.El/ { depth-- }
		/^\.It Cm/ && depth == 1 { on = $3 == name } on' moectl/man/moectl.8
}

test_moectl() {
	local command option all said
	for command in $(moectl --help | awk '/^Commands:/ { on = 1; next } on && !NF { exit } on { print $1 }'); do
		said=$(section "$command")
		[ -n "$said" ] || fail "moectl(8) has no $command"
		said+=$'\n'$(sed '/^\.Sh COMMANDS/,$d' moectl/man/moectl.8)
		all=$(moectl "$command" --help | grep -oE '^ .*--[a-z-]+' | grep -oE -- '--[a-z-]+$')
		for option in $all; do
			grep -qE -- "^\.It Fl (.* , )?-${option#--}( |\$)" <<<"$said" ||
				fail "moectl(8) has no $option of $command"
		done
	done
}

# moeai(4) has every parameter of the modules, and every table.
test_moeai() {
	local one page writable
	page=$(cat docs/man/moeai.4)
	writable=$(moectl table params --tab | awk -F '\t' '$6 == 1 { sub(/.*\./, "", $1); print $1 }')
	has "$writable" txn_bytes
	for one in $(modinfo -F parm moeai moeai_mem_monitor | cut -d : -f 1) $writable; do
		grep -qE "^\.It Cm .*\b$one\b" <<<"$page" || fail "moeai(4) has no parameter $one"
	done
	for one in $(moectl table); do
		grep -q "^\.It Cm $one\$" <<<"$page" || fail "moeai(4) has no table $one"
	done
	while read -r one; do
		has "$page" "$one"
	done < <(cd /proc/moeai && find . -type f -not -path './modules/*' -printf '/proc/moeai/%P\n')
}

run_cases

#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""
Show that consistency.py finds what is changed in one place only: each mutant is
one file with one change, and what the check must say of it.
"""

import pathlib
import re
import sys
import tempfile

from consistency import DISSECTOR, FEATURE, HEADER, SPEC, Kernel, check

MUTANTS = [
    # An attribute more, renamed, gone, of another type …
    (HEADER, r"^\t__MOEAI_A_LOST_MAX", r"\tMOEAI_A_LOST_MORE, /* u32 */\n\g<0>", "more"),
    (HEADER, r"MOEAI_A_EVENT_FIRST\b", "MOEAI_A_EVENT_OLDEST", "oldest"),
    (HEADER, r"^\tMOEAI_A_COMMAND_ID,.*\n", "", "attribute 1 is name in header"),
    (HEADER, r"(MOEAI_A_ERROR_ROW,.*)u64", r"\1u32", "row is u32 in header"),
    (HEADER, r"(MOEAI_A_DATA_ACTION,.*)enum moeai_action", r"\1enum moeai_state", "of state"),
    # … a constant, a value of an enum, a message, a flag.
    (HEADER, r"(MOEAI_ARGS_MAX\s+)64", r"\g<1>65", "args-max is 65 in header"),
    (HEADER, r"^\t__MOEAI_PRIO_MAX", r"\tMOEAI_PRIO_PANIC,\n\g<0>", "panic"),
    (HEADER, r"^\t__MOEAI_MSG_MAX", r"\tMOEAI_MSG_MORE,\n\g<0>", "6 = more"),
    (HEADER, r"^#define MOEAI_F_HEX.*\n", "", "spec has 2 = hex"),
    (HEADER, r'(GROUP_STATUS_NAME\s+)"status"', r'\1"state"', "1 is state in header"),
    (DISSECTOR, r'"from u64"', '"since u64"', "since"),
    (DISSECTOR, r'"failed u32", ', "", "failed"),
    (DISSECTOR, r'"txn u32"', '"txn u64"', "u64"),
    (DISSECTOR, r'\[3\] = "stopping"', '[4] = "stopping"', "stopping"),
    (FEATURE, r"MOEAI_A_MEM_VICTIM_ANON,", "MOEAI_A_MEM_VICTIM_ANONYMOUS,", "('anonymous'"),
    # Types, ranges and requests of the spec, against the kernel too.
    (SPEC, r"name: txn, type: u32", "name: txn, type: u64", "txn: is u32 in the kernel"),
    (SPEC, r"(name: min-priority.*max: )4", r"\g<1>3", "min-priority: ranges over (0, 4)"),
    (SPEC, r"(name: confirm, .*max: )86400", r"\g<1>86401", "confirm: ranges over (1, 86400)"),
    (SPEC, r"(name: source, .*max-len: )31", r"\g<1>32", "source: is limited to 31"),
    (SPEC, r"(name: value, .*max-len: )255", r"\g<1>256", "(1, 255) in the kernel"),
    (SPEC, r"flags: \[ admin-perm \]", "flags: [ ]", "admin-perm"),
    (SPEC, r"(\[ table, action, row, txn, more, abort), confirm", r"\1", "kernel has 9"),
    (SPEC, r"(\[ stopped, running, failed), gone", r"\1", "3 = gone"),
    (SPEC, r"\[ none, count, bytes,", "[ none, bytes, count,", "in kernel"),
    (SPEC, r"^.*name: log-next, type.*\n", "", "log-next"),
    (SPEC, r"name: delay, type: u64", "name: delay, type: u32", "delay: is u64 in the kernel"),
]

# In all files, but not in the kernel.
EVERYWHERE = [
    (HEADER, r"^\t__MOEAI_A_COMMAND_MAX", r"\tMOEAI_A_COMMAND_TIMEOUT, /* u32 */\n\g<0>"),
    (SPEC, r"^( *)- \{ name: args, type: nest.*", r"\g<0>\n\1- { name: timeout, type: u32 }"),
    (SPEC, r"\[ id, name, args \]", "[ id, name, args, timeout ]"),
    (DISSECTOR, r'"args by" }', '"args by", "timeout u32" }'),
]


def mutate(source, pattern, replacement, folder):
    """A copy of a file with one change."""
    text = source.read_text(encoding="utf-8")
    changed = re.sub(pattern, replacement, text, count=1, flags=re.M)
    if changed == text:
        sys.exit(f"{pattern} is not in {source}")
    copy = folder / f"{len(list(folder.iterdir()))} {source.name}"
    copy.write_text(changed, encoding="utf-8")
    return copy


def files(replaced):
    return [replaced.get(f, f) for f in (HEADER, SPEC, DISSECTOR, FEATURE)]


def main():
    kernel, survived = Kernel(SPEC), []
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        for source, pattern, replacement, says in MUTANTS:
            copy = mutate(source, pattern, replacement, folder)
            found = check(*files({source: copy}), kernel)
            if not any(says in line for line in found):
                survived.append(f"{source.name}: {pattern}: {found}")
        copies = {}
        for source, pattern, replacement in EVERYWHERE:
            copies[source] = mutate(copies.get(source, source), pattern, replacement, folder)
        if check(*files(copies)):
            survived.append(f"everywhere, without the kernel: {check(*files(copies))}")
        found = check(*files(copies), kernel)
        if found != ["policy of message 2: spec has 4 = timeout, kernel has not"]:
            survived.append(f"everywhere: {found}")
    print(*survived, sep="\n")
    print(f"{len(MUTANTS) + 1 - len(survived)} mutants found, {len(survived)} survived")
    sys.exit(1 if survived else 0)


if __name__ == "__main__":
    main()

#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""
The protocol of kmod/core/ring.h between the writer and readers of the mapping,
looked at exhaustively: all orders that the barriers leave to each side, in all
interleavings. A machine may let stores and loads pass each other unless a barrier,
or the lock that writers take, forbids it; stores become visible to all at once.

The ring has two slots, a record is two words that bear its number. Record n is
written to slot n % 2 over record n - 2. Records 0 and 1 are there at first. Whoever
reads record p and finds it valid must have read p twice; and each of the four
barriers must be needed for that, or this model would be none of that protocol.
"""

import itertools
import sys

SLOTS = 2
BARRIERS = ("A before C: smp_wmb", "C before D: release", "E before F: acquire",
            "F before H: smp_rmb")
A_C, C_D, E_F, F_H = range(4)


def writer(records, barriers):
    """Operations (variable, value), and the pairs of them whose order is kept."""
    ops, order, before = [], [], None
    for n in records:
        slot = n % SLOTS
        first = len(ops)
        ops += [("tail", n - SLOTS + 1), (("word", slot, 0), n), (("word", slot, 1), n),
                ("head", n + 1)]
        words = (first + 1, first + 2)
        order += [(first, word) for word in words if A_C in barriers]
        order += [(word, first + 3) for word in words if C_D in barriers]
        order += [(first, first + 3)] if {A_C, C_D} & barriers else []
        if before is not None:  # the lock was released and taken in between
            order += [(a, b) for a in before for b in range(first, len(ops))]
        before = range(first, len(ops))
    return ops, order


def reader(position, barriers):
    slot = position % SLOTS
    ops = ["head", ("word", slot, 0), ("word", slot, 1), "tail"]
    order = []
    if E_F in barriers:
        order += [(0, 1), (0, 2)]
    if F_H in barriers:
        order += [(1, 3), (2, 3)]
    return ops, order


def extensions(count, order):
    """All ways to put operations 0 to count - 1 in a row that keep the order."""
    for row in itertools.permutations(range(count)):
        at = {op: i for i, op in enumerate(row)}
        if all(at[a] < at[b] for a, b in order):
            yield row


def writer_rows(records, barriers):
    """The writer's operations in each order; a record is done before the next one begins."""
    single = [list(extensions(4, writer([n], barriers)[1])) for n in records]
    for choice in itertools.product(*single):
        yield [4 * i + op for i, row in enumerate(choice) for op in row]


def run(writes, reads, times):
    """What a reader loads when times[i] stores came before its i-th load."""
    memory = {"tail": 0, "head": SLOTS}
    memory.update({("word", n % SLOTS, w): n for n in range(SLOTS) for w in (0, 1)})
    loaded, done = {}, 0
    for variable, time in zip(reads, times):
        while done < time:
            memory[writes[done][0]] = writes[done][1]
            done += 1
        loaded[variable] = memory[variable]
    return loaded


def wrong(position, loaded):
    """Was something else taken for the record?"""
    slot = position % SLOTS
    there = position < loaded["head"] and position >= loaded["tail"]
    words = (loaded["word", slot, 0], loaded["word", slot, 1])
    return there and words != (position, position)


def check(barriers):
    """Returns how many runs there are, and how many go wrong."""
    records = range(SLOTS, SLOTS + 2)
    ops = writer(records, barriers)[0]
    runs = failures = 0
    for position in range(SLOTS + 2):
        loads, order = reader(position, barriers)
        rows = [[loads[i] for i in row] for row in extensions(len(loads), order)]
        for row in writer_rows(records, barriers):
            writes = [ops[i] for i in row]
            for reads in rows:
                for times in itertools.combinations_with_replacement(range(len(ops) + 1),
                                                                     len(reads)):
                    runs += 1
                    failures += wrong(position, run(writes, reads, times))
    return runs, failures


def main():
    everything = set(range(len(BARRIERS)))
    cases = [("all barriers", everything, False)]
    cases += [(f"without {name}", everything - {i}, True) for i, name in enumerate(BARRIERS)]
    failed = 0
    print(f"1..{len(cases)}")
    for number, (name, barriers, must_fail) in enumerate(cases, 1):
        runs, failures = check(barriers)
        good = bool(failures) == must_fail
        failed += not good
        print(f"{'' if good else 'not '}ok {number} - {name}: {failures} of {runs} runs wrong")
    return failed


if __name__ == "__main__":
    sys.exit(main())

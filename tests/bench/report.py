#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""
Make tables, a JSON file and a plot of what the bench has measured.

Each guest has printed lines "row NAME SIZE NS", one for each run. The median
counts; the spread is half the way from the least to the greatest, in per cent of
it. Targets are judged by instructions. Fails when a row lacks a run, or a
comparison a figure.
"""

import argparse
import collections
import json
import math
import statistics
import sys

import plot
from targets import CHECKS, GUESTS, MAY_BE_ZERO, ONCE, PLOT


def read(path):
    """The runs by row: {(name, size): [ns, ...]}."""
    rows = collections.defaultdict(list)
    with open(path, encoding="ascii") as lines:
        for number, line in enumerate(lines, 1):
            try:
                word, name, size, value = line.split("\t")
                rows[name, int(size)].append(float(value))
            except ValueError:
                word = None
            if word != "row" or not 0 <= rows[name, int(size)][-1] < math.inf:
                sys.exit(f"bench: {path}:{number}: not a row: {line.rstrip()}")
    return dict(rows)


def spread(runs):
    median = statistics.median(runs)
    return (max(runs) - min(runs)) / 2 / median * 100 if median else 0.0


def unfinished(guests, runs):
    """Rows that a guest did not measure so many times, or that took no time."""
    told = []
    for guest in GUESTS:
        for (name, size), values in guests[guest].items():
            measured = sum(value > 0 or name.startswith(MAY_BE_ZERO) for value in values)
            wanted = 1 if name.startswith(ONCE) else runs
            if measured != wanted:
                told.append(f"{guest}: {name} {size or ''}: {measured} of {wanted} runs")
    return told


def cell(runs):
    if not runs:
        return "-"
    return f"{statistics.median(runs):.0f} ±{spread(runs):.1f}%"


def print_figures(guests):
    keys = list(guests["instructions"])
    keys += [key for key in guests["wall"] if key not in guests["instructions"]]
    print(f"\n{'each event or call':34} {'size':>6} {'instructions':>18} {'ns, two CPUs':>18}")
    for name, size in keys:
        cells = [cell(guests[guest].get((name, size))) for guest in GUESTS]
        print(f"{name:34} {size or '':>6} {cells[0]:>18} {cells[1]:>18}")


def verdict(check, value):
    if value is None:
        return "NOT MEASURED"
    if check.must is None:
        return ""
    ahead = (lambda limit: value >= limit) if check.more else (lambda limit: value <= limit)
    if check.aim is not None and ahead(check.aim):
        return "aim reached"
    if ahead(check.must):
        return "reached"
    short = check.must / value if check.more else value / check.must
    return f"MISSED by {(short - 1) * 100:.0f} %"


def evaluate(check, rows):
    """None: a figure is missing, or nothing can be compared with it."""
    try:
        value = check.value(lambda name, size: statistics.median(rows[name, size]))
    except (KeyError, ZeroDivisionError):
        return None
    return value if value or not check.more else None


def print_checks(checks, guests):
    """Returns them for JSON, and how many have no figure."""
    told, missing = [], 0
    print(f"\n{'ours : the peer':46} {'instr.':>8} {'wall':>8} {'must':>6} {'aim':>6}")
    for check in checks:
        values = {guest: evaluate(check, guests[guest]) for guest in check.guests}
        missing += list(values.values()).count(None)
        texts = ["-" if values.get(guest) is None else check.form.format(values[guest])
                 for guest in GUESTS]
        limits = ["" if limit is None else f"{limit:g}" for limit in (check.must, check.aim)]
        judged = verdict(check, values[check.guests[0]])
        print(f"{check.what:46} {texts[0]:>8} {texts[1]:>8} {limits[0]:>6} {limits[1]:>6}"
              f"  {judged}".rstrip())
        told.append({"what": check.what, "must": check.must, "aim": check.aim,
                     "verdict": judged, **{guest: values.get(guest) for guest in GUESTS}})
    return told, missing


def json_rows(rows):
    return [{"name": name, "size": size, "median": statistics.median(runs),
             "spread_percent": round(spread(runs), 2), "runs": runs}
            for (name, size), runs in rows.items()]


def draw(path, rows):
    plot.write(path, "What an event costs, from the kernel's emit to a program",
               "instructions for each event, every field read; the shorter, the better",
               ("64 bytes", "256 bytes"),
               [(whose, label, [statistics.median(rows[row, size]) for size in (64, 256)])
                for whose, label, row in PLOT])


def main():
    parser = argparse.ArgumentParser()
    for name in ("kernel", "command-line", "parts", "runs", "json", "svg", *GUESTS):
        parser.add_argument("--" + name, required=True)
    args = parser.parse_args()
    guests = {guest: read(getattr(args, guest)) for guest in GUESTS}
    parts = set(args.parts.split())
    print_figures(guests)
    told, missing = print_checks([check for check in CHECKS if parts & set(check.parts.split())],
                                 guests)
    with open(args.json, "w", encoding="ascii") as out:
        json.dump({"kernel": args.kernel, "parts": args.parts.split(),
                   "guest": args.command_line, "checks": told,
                   **{guest: json_rows(guests[guest]) for guest in GUESTS}}, out, indent=1)
    complaints = unfinished(guests, int(args.runs))
    if missing:
        complaints.append(f"{missing} figures are missing")
    if "events" in parts and not complaints:
        draw(args.svg, guests["instructions"])
    for complaint in complaints:
        print(f"bench: {complaint}", file=sys.stderr)
    sys.exit(1 if complaints else 0)


main()

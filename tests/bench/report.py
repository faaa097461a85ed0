#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""
Make tables, a JSON file and a plot of what the bench has measured.

Each guest has printed lines "row NAME SIZE NS", one for each run. The median
counts; the spread is half the way from the least to the greatest, in per cent of
it. Targets are judged by instructions. Fails when a comparison lacks a figure.
"""

import argparse
import collections
import json
import statistics
import sys

import plot
from targets import CHECKS, PLOT

GUESTS = ("instructions", "wall")


def read(path):
    """The runs by row: {(name, size): [ns, ...]}."""
    rows = collections.defaultdict(list)
    with open(path, encoding="ascii") as lines:
        for line in lines:
            word, name, size, value = line.split("\t")
            assert word == "row", line
            rows[name, int(size)].append(float(value))
    return dict(rows)


def spread(runs):
    return (max(runs) - min(runs)) / 2 / statistics.median(runs) * 100


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
    if check.must is None:
        return ""
    if value is None:
        return "NOT MEASURED"
    ahead = (lambda limit: value >= limit) if check.more else (lambda limit: value <= limit)
    if check.aim is not None and ahead(check.aim):
        return "aim reached"
    if ahead(check.must):
        return "reached"
    short = check.must / value if check.more else value / check.must
    return f"MISSED by {(short - 1) * 100:.0f} %"


def evaluate(check, rows):
    """None: a figure is missing."""
    try:
        return check.value(lambda name, size: statistics.median(rows[name, size]))
    except (KeyError, statistics.StatisticsError):
        return None


def print_checks(checks, guests):
    """Returns them for JSON, and how many have no figure."""
    told, missing = [], 0
    print(f"\n{'ours : the peer':46} {'instr.':>8} {'wall':>8} {'must':>6} {'aim':>6}")
    for check in checks:
        values = {guest: evaluate(check, guests[guest]) for guest in GUESTS
                  if check.wall or guest != "wall"}
        missing += list(values.values()).count(None)
        values.setdefault("wall", None)
        texts = ["-" if value is None else check.form.format(value) for value in values.values()]
        limits = ["" if limit is None else f"{limit:g}" for limit in (check.must, check.aim)]
        judged = verdict(check, values["instructions"])
        print(f"{check.what:46} {texts[0]:>8} {texts[1]:>8} {limits[0]:>6} {limits[1]:>6}"
              f"  {judged}".rstrip())
        told.append({"what": check.what, "must": check.must, "aim": check.aim,
                     "verdict": judged, **values})
    return told, missing


def json_rows(rows):
    return [{"name": name, "size": size, "median": statistics.median(runs),
             "spread_percent": round(spread(runs), 2), "runs": runs}
            for (name, size), runs in rows.items()]


def main():
    parser = argparse.ArgumentParser()
    for name in ("kernel", "command-line", "parts", "json", "svg", "instructions", "wall"):
        parser.add_argument("--" + name, required=True)
    args = parser.parse_args()
    guests = {guest: read(getattr(args, guest)) for guest in GUESTS}
    print_figures(guests)
    told, missing = print_checks(
        [check for check in CHECKS if check.part in args.parts.split()], guests)
    with open(args.json, "w", encoding="ascii") as out:
        json.dump({"kernel": args.kernel, "parts": args.parts.split(),
                   "guest": args.command_line, "checks": told,
                   **{guest: json_rows(guests[guest]) for guest in GUESTS}}, out, indent=1)
    if "events" in args.parts.split() and not missing:
        rows = guests["instructions"]
        plot.write(args.svg, "Instructions per event, from emit to every field read",
                   ("64 bytes", "256 bytes"),
                   [(label, [statistics.median(rows[row, size]) for size in (64, 256)])
                    for label, row in PLOT])
    if missing:
        print(f"\nbench: {missing} figures are missing", file=sys.stderr)
        sys.exit(1)


main()

#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""A picture of what a terminal showed, as SVG.

picture.py [--columns N] [--lines N] COMMAND <TEXT >SVG

TEXT is what tests/vm/demo prints: sections that begin with "==== COMMAND", of which those
whose command begins so are shown: so many of their first lines, the long ones in several.
"""
import argparse
import re
import sys
import textwrap
from xml.sax.saxutils import escape

WIDTH, HEIGHT, MARGIN = 8.4, 18, 14  # of a character, of a line, around all
COLOURS = [
    (re.compile(r"^\$ .*"), "#7ee787"),
    (re.compile(r"\bcritical\b|\bkilled\b|\bblocked\b"), "#ff7b72"),
    (re.compile(r"\bwarning\b"), "#e3b341"),
    (re.compile(r"\b(?:mem_monitor|net_guard|fs_logger|core)\.[a-z_]+"), "#79c0ff"),
]


def sections(text):
    """Yields command and lines of each."""
    command, lines = None, []
    for line in text.splitlines():
        heading = re.match(r"==== (.*)", line)
        if heading:
            if command and lines:
                yield command, lines
            command, lines = heading.group(1), []
        elif command and (line.strip() or lines):
            lines.append(line.rstrip())
    if command and lines:
        yield command, lines


def wrapped(line, columns):
    """A line of a table goes on below its text."""
    indent = " " * (22 if re.match(r"[0-9:.]+ +[0-9]+ ", line) else 2)
    return textwrap.wrap(line, columns, subsequent_indent=indent, drop_whitespace=True,
                         break_on_hyphens=False) or [""]


def shown(text, wanted, columns, most):
    """The lines of the picture."""
    result = []
    for command, lines in sections(text):
        while lines and not lines[-1]:
            lines.pop()
        if not command.startswith(wanted):
            continue
        if result:
            result.append("")
        result.append("$ " + command)
        for line in lines[:most]:
            result += wrapped(line, columns)
        if len(lines) > most:
            result[-1:] = [result[-1], "…"] if result[-1] else ["…"]
    return result


def spans(line):
    """The line as pieces of one colour."""
    colours = [None] * len(line)
    for pattern, colour in COLOURS:
        for match in pattern.finditer(line):
            colours[match.start():match.end()] = [colour] * (match.end() - match.start())
    at = 0
    while at < len(line):
        end = at
        while end < len(line) and colours[end] == colours[at]:
            end += 1
        fill = f' fill="{colours[at]}"' if colours[at] else ""
        yield f"<tspan{fill}>{escape(line[at:end])}</tspan>"
        at = end


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--columns", type=int, default=116)
    parser.add_argument("--lines", type=int, default=9, help="of a section, at most")
    parser.add_argument("command")
    args = parser.parse_args()
    lines = shown(sys.stdin.read(), args.command, args.columns, args.lines)
    if not lines:
        sys.exit("picture: there is nothing to show")
    width = 2 * MARGIN + WIDTH * max(map(len, lines))
    height = 2 * MARGIN + HEIGHT * len(lines)
    print(f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height}" '
          f'viewBox="0 0 {width:.0f} {height}">')
    print('<rect width="100%" height="100%" rx="8" fill="#0d1117"/>')
    print('<g font-family="ui-monospace, DejaVu Sans Mono, monospace" font-size="14" '
          'fill="#c9d1d9" xml:space="preserve">')
    for number, line in enumerate(lines):
        if line:
            y = MARGIN + HEIGHT * number + 14
            print(f'<text x="{MARGIN}" y="{y}" textLength="{WIDTH * len(line):.1f}">'
                  f'{"".join(spans(line))}</text>')
    print("</g></svg>")


if __name__ == "__main__":
    main()

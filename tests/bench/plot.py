# SPDX-License-Identifier: GPL-2.0
"""A bar chart as SVG, without anything else, for light and dark pages alike."""

from xml.sax.saxutils import escape

WIDTH, LEFT, RIGHT, TOP, BOTTOM = 800, 250, 80, 92, 14
BAR, GAP = 13, 13

# Ours in colour, the peers in grey; the second of two series is the paler one. The
# page is drawn, too: whoever shows it may know nothing of dark and light.
STYLE = """
.page { fill: #ffffff; stroke: #d0d7de }
text { font: 14px system-ui, -apple-system, "DejaVu Sans", sans-serif; fill: #1f2328 }
.title { font-weight: 600; font-size: 16px }
.small { font-size: 12px; fill: #59636e }
.ours { font-weight: 600 }
.bar.ours.first { fill: #0969da } .bar.ours.second { fill: #80b8f5 }
.bar.peer.first { fill: #6e7781 } .bar.peer.second { fill: #b9c0c8 }
@media (prefers-color-scheme: dark) {
  .page { fill: #0d1117; stroke: #3d444d }
  text { fill: #f0f6fc } .small { fill: #9198a1 }
  .bar.ours.first { fill: #4493f8 } .bar.ours.second { fill: #1f5ba8 }
  .bar.peer.first { fill: #9198a1 } .bar.peer.second { fill: #525a64 }
}
"""

SERIES = ("first", "second")


def _rect(css, x, y, width, height):
    return (f'<rect class="{css}" x="{x:g}" y="{y:g}" width="{width:.1f}" '
            f'height="{height:g}" rx="2"/>')


def _text(css, x, y, text, more=""):
    return f'<text class="{css}" x="{x:.1f}" y="{y:g}"{more}>{escape(text)}</text>'


def _legend(series):
    parts, x = [], LEFT
    for css, name in zip(SERIES, series):
        parts += [_rect(f"bar ours {css}", x, 66, 12, 12), _rect(f"bar peer {css}", x + 14, 66, 12, 12),
                  _text("small", x + 32, 76, name)]
        x += 130
    return parts


def _group(y, whose, label, values, scale):
    parts = [_text(whose, LEFT - 12, y + BAR + 4, label, ' text-anchor="end"')]
    for css, value in zip(SERIES, values):
        width = max(value * scale, 1)
        parts += [_rect(f"bar {whose} {css}", LEFT, y, width, BAR - 1),
                  _text("small", LEFT + width + 6, y + BAR - 3, f"{value:,.0f}")]
        y += BAR
    return parts


def write(path, title, subtitle, series, groups):
    """groups: ours or peer, a label, and a value for each of the two series."""
    scale = (WIDTH - LEFT - RIGHT) / max(value for *_, values in groups for value in values)
    height = TOP + len(groups) * (2 * BAR + GAP) + BOTTOM - GAP
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
             f'width="{WIDTH}" height="{height}" role="img">',
             f"<title>{escape(title)}</title>", f"<style>{STYLE}</style>",
             f'<rect class="page" x="0.5" y="0.5" width="{WIDTH - 1}" height="{height - 1}" rx="6"/>',
             _text("title", 20, 30, title), _text("small", 20, 50, subtitle), *_legend(series)]
    for i, (whose, label, values) in enumerate(groups):
        parts += _group(TOP + i * (2 * BAR + GAP), whose, label, values, scale)
    parts.append("</svg>\n")
    with open(path, "w", encoding="ascii", errors="xmlcharrefreplace") as out:
        out.write("\n".join(parts))

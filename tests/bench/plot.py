# SPDX-License-Identifier: GPL-2.0
"""A bar chart as SVG, without anything else, for light and dark pages alike."""

from xml.sax.saxutils import escape

WIDTH, LEFT, RIGHT, TOP = 720, 230, 70, 64
BAR, GAP = 14, 12

STYLE = """
text { font: 13px system-ui, sans-serif; fill: #24292f }
.title { font-weight: 600; font-size: 15px }
.value { font-size: 12px; fill: #57606a }
.first { fill: #0969da } .second { fill: #9ec5f4 }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 } .value { fill: #9198a1 }
  .first { fill: #4493f8 } .second { fill: #1f4b85 }
}
"""


def write(path, title, series, groups):
    """groups: a label and a value for each of the two series, drawn as bars."""
    scale = (WIDTH - LEFT - RIGHT) / max(value for _, values in groups for value in values)
    height = TOP + len(groups) * (2 * BAR + GAP)
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
             f'width="{WIDTH}" height="{height}" role="img">',
             f"<title>{escape(title)}</title>", f"<style>{STYLE}</style>",
             f'<text class="title" x="0" y="18">{escape(title)}</text>']
    for i, (name, style) in enumerate(zip(series, ("first", "second"))):
        x = LEFT + i * 120
        parts.append(f'<rect class="{style}" x="{x}" y="32" width="12" height="12" rx="2"/>'
                     f'<text x="{x + 18}" y="43">{escape(name)}</text>')
    for i, (label, values) in enumerate(groups):
        y = TOP + i * (2 * BAR + GAP)
        parts.append(f'<text x="{LEFT - 10}" y="{y + BAR + 4}" text-anchor="end">'
                     f"{escape(label)}</text>")
        for style, value in zip(("first", "second"), values):
            width = value * scale
            parts.append(f'<rect class="{style}" x="{LEFT}" y="{y}" width="{width:.1f}" '
                         f'height="{BAR - 2}" rx="2"/><text class="value" '
                         f'x="{LEFT + width + 6:.1f}" y="{y + BAR - 4}">{value:.0f}</text>')
            y += BAR
    parts.append("</svg>\n")
    with open(path, "w", encoding="ascii", errors="xmlcharrefreplace") as out:
        out.write("\n".join(parts))

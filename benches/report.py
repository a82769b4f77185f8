"""Writes docs/PERFORMANCE.md and its plots from the results of run.py."""

import json
import math
from pathlib import Path

HERE = Path(__file__).parent
DOCS = HERE.parent / "docs"

PROSE = {
    "listing": "All organizations of a tenant, in pages of 500 from nginx; curl fetches the same pages over one connection and "
    "throws them away. Seconds of the whole process, MiB at its peak.",
    "latency": "The same, where each request takes 80 ms longer.",
    "start": "The shortest commands.",
    "find": "`org42 show` by each kind of name, in a tenant of the authority; signing in is one of the requests.",
    "authority": "Pages of 500 over one connection; by state, by parent, searched and with counts beside a plain one.",
}
PLOTS = {"listing": "wall", "latency": "wall", "find": "wall", "authority": "wall"}
COLOURS = ["#0b6e99", "#c2571a", "#4d8c3f", "#8b4fa3", "#a83246", "#777777", "#b58900", "#2aa198"]


def table(rows):
    columns = list(dict.fromkeys(name for row in rows for name in row))
    shown = lambda value: f"{value:.3f}" if isinstance(value, float) else f"{value:,}" if isinstance(value, int) else str(value)
    lines = ["| " + " | ".join(columns) + " |", "|" + "---|" * len(columns)]
    lines += ["| " + " | ".join(shown(row.get(name, "")) for name in columns) + " |" for row in rows]
    return "\n".join(lines)


def plot(kind, rows, of):
    """Draws the cost of each thing against the size, both axes logarithmic."""
    lines = {}
    for row in rows:
        if "size" in row and row.get(of):
            lines.setdefault(row["what"], []).append((row["size"], row[of]))
    points = [point for line in lines.values() for point in line]
    logs = [(math.log10(size), math.log10(cost)) for size, cost in points]
    left, right = min(x for x, _ in logs), max(x for x, _ in logs)
    low, high = math.floor(min(y for _, y in logs)), math.ceil(max(y for _, y in logs))
    across = lambda size: 70 + 400 * (math.log10(size) - left) / ((right - left) or 1)
    up = lambda cost: 290 - 260 * (math.log10(cost) - low) / ((high - low) or 1)
    parts = ['<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 330" font-family="sans-serif" font-size="11">']
    parts.append('<rect width="640" height="330" fill="#ffffff"/>')
    for power in range(low, high + 1):
        y = up(10**power)
        parts.append(f'<line x1="70" y1="{y:.1f}" x2="470" y2="{y:.1f}" stroke="#dddddd"/>')
        parts.append(f'<text x="64" y="{y + 4:.1f}" text-anchor="end">{10.0**power:g} s</text>')
    for size in sorted({size for size, _ in points}):
        x = across(size)
        parts.append(f'<line x1="{x:.1f}" y1="30" x2="{x:.1f}" y2="290" stroke="#eeeeee"/>')
        parts.append(f'<text x="{x:.1f}" y="306" text-anchor="middle">{size:,}</text>')
    parts.append('<text x="270" y="324" text-anchor="middle">organizations</text>')
    for number, (what, line) in enumerate(lines.items()):
        colour = COLOURS[number % len(COLOURS)]
        places = [(across(size), up(cost)) for size, cost in sorted(line)]
        way = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        parts.append(f'<polyline points="{way}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in places]
        parts.append(f'<rect x="490" y="{36 + 18 * number}" width="12" height="4" fill="{colour}"/>')
        parts.append(f'<text x="508" y="{42 + 18 * number}">{what}</text>')
    folder = DOCS / "performance"
    folder.mkdir(exist_ok=True)
    (folder / f"{kind}.svg").write_text("\n".join(parts) + "\n</svg>\n")
    return f"![{kind}](performance/{kind}.svg)"


def main():
    parts = [
        "# Performance",
        "Measured by [benches/](../benches/README.md), whole commands in turns with others in the same run: the ratios hold, the "
        "times are those of the machine that is named. Written by `python3 benches/report.py`.",
    ]
    for kind, prose in PROSE.items():
        results = HERE / "results" / f"{kind}.json"
        if not results.exists():
            continue
        document = json.loads(results.read_text())
        rows = document["rows"]
        parts += [f"## {kind.capitalize()}", f"{prose} ({document['machine']})"]
        if kind in PLOTS:
            parts.append(plot(kind, rows, PLOTS[kind]))
        parts.append(table(rows))
    (DOCS / "PERFORMANCE.md").write_text("\n\n".join(parts) + "\n")


if __name__ == "__main__":
    main()

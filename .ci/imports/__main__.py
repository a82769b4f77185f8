"""Holds the source files to the rules of the house: who imports whom, and how long a file may be.

Reads `use` declarations and paths within the code (`crate::…`, `super::…`, `self::…`, and those that begin with a name
in scope), and follows each through re-exports to the file that defines what it names. There is no compiler in this:
method calls and what macros expand to are not seen. Code that only tests compile is left out.

    python3 .ci/imports              fails where a rule is broken
    python3 .ci/imports --report     lists what is broken, without failing
    python3 .ci/imports --of FILE    lists what FILE imports and what imports it
    python3 .ci/imports --self-test  reads a small made-up crate and compares what it finds
"""

import sys
from pathlib import Path

from crate import Crate
from loops import loops, shortest_loop
from rooms import broken_by
from self_test import self_test

LONGEST = 500


def crates():
    for manifest in sorted(Path("crates").glob("*/Cargo.toml")):
        sources = manifest.parent.resolve() / "src"
        for root in [sources / "lib.rs", sources / "main.rs", *sorted(sources.glob("bin/*.rs"))]:
            if root.is_file():
                yield Crate(manifest.parent.name, root)


def shown(file):
    return str(file.relative_to(Path.cwd())) if isinstance(file, Path) else file


def places(named):
    named = sorted(named)
    return ", ".join(f"{line} {what}" for line, what in named[:6]) + (" …" if len(named) > 6 else "")


def loops_of(crate, edges):
    for loop in loops(crate.files, edges):
        way = shortest_loop(loop, edges)
        lines = [f"{crate.name}: {len(loop)} files import each other, as {' -> '.join(map(shown, way + way[:1]))}"]
        for file in sorted(loop):
            for target, named in sorted(edges[file].items()):
                if target in loop:
                    lines.append(f"    {shown(file)} -> {shown(target)}: line {places(named)}")
        yield "\n".join(lines)


def long_files():
    for file in sorted(Path("crates").glob("*/*/**/*.rs")):
        lines = len(file.read_text().splitlines())
        if lines > LONGEST:
            yield f"{file} has {lines} lines, more than {LONGEST}"


def broken():
    circles, rooms = [], []
    for crate in crates():
        edges = crate.edges()
        circles += loops_of(crate, edges)
        rooms += (f"{shown(file)} names {shown(target)} ({rule}): line {places(named)}"
                  for file, target, named, rule in broken_by(crate, edges))
    yield "files that import each other in a loop", circles
    yield "what a room may not know", rooms
    yield "long files", list(long_files())


def check(out):
    found = False
    for title, lines in broken():
        if lines:
            found = True
            print(f"{title}: {len(lines)}", *lines, sep="\n", file=out)
    if not found:
        print("no two files import each other, and each room knows what it may")
    return found


def neighbours(file):
    for crate in crates():
        edges = crate.edges()
        for target, named in sorted(edges.get(file, {}).items()):
            print(f"-> {shown(target)}: line {places(named)}")
        for other in sorted(edges):
            if file in edges[other]:
                print(f"<- {shown(other)}: line {places(edges[other][file])}")


match sys.argv[1:]:
    case []:
        sys.exit(check(sys.stderr))
    case ["--report"]:
        check(sys.stdout)
    case ["--of", file]:
        neighbours(Path(file).resolve())
    case ["--self-test"]:
        self_test()
    case _:
        sys.exit(__doc__)

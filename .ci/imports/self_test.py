"""A small made-up crate is read, and what is found compared with what is there."""

import tempfile
from pathlib import Path

from crate import Crate
from loops import loops


def self_test():
    files = {
        "lib.rs": "mod a; mod b; pub mod c; mod d; mod e; mod f; pub use c::Deep; pub fn root() { a::one() }",
        # a and b: a loop through an inline path and a nested import with another name.
        "a.rs": "use crate::{c::{self, Deep as D}, b::Two};\npub fn one() { /* crate::d */ let _ = 'x'; \"crate::e::x\"; }",
        "b.rs": "pub(in crate::c) struct Two;\nfn two<'a>() { crate::a::one(); crate::root() }",
        # A face and its parts are no loop; two parts are; what only tests import is none.
        "c/mod.rs": "mod left; mod right;\npub use right::Deep; pub fn face() { left::l() }",
        "c/left.rs": "use super::Deep;\nuse super::face;\npub fn l() { face() }",
        "c/right.rs": "pub struct Deep;\n#[cfg(test)]\nuse super::left::l;\n#[cfg(test)] mod tests { use crate::a; }\n"
                      "impl Deep { fn x() { super::left::l() } }",
        # Through a re-export of the root to what defines it, through a glob, and from serde's attribute.
        "d.rs": "use crate::Deep;\nuse super::e::*;\nfn f() -> Wide { Wide }",
        "e.rs": "#[serde(with = \"crate::d::f\")]\npub struct Wide;\nuse std::fmt;",
        "f.rs": "#[cfg(any(test, feature = \"x\"))] use crate::e::Wide; #[cfg(all(test, unix))] use crate::a::one;\n"
                "use rusqlite::Row; fn f() { x.tokio; my::tokio::y(); Row { http: 1 } }",
    }
    with tempfile.TemporaryDirectory() as folder:
        sources = Path(folder).resolve() / "src"
        for name, text in files.items():
            (sources / name).parent.mkdir(parents=True, exist_ok=True)
            (sources / name).write_text(text)
        crate = Crate("made-up", sources / "lib.rs")
        edges = crate.edges()
        short = lambda file: str(file.relative_to(sources))
        found = {(short(file), short(target)) for file in edges for target in edges[file]}
        expected = {
            ("lib.rs", "a.rs"), ("lib.rs", "c/right.rs"),
            ("a.rs", "b.rs"), ("a.rs", "c/mod.rs"), ("a.rs", "c/right.rs"), ("b.rs", "a.rs"), ("b.rs", "lib.rs"),
            ("c/mod.rs", "c/left.rs"), ("c/mod.rs", "c/right.rs"),
            ("c/left.rs", "c/mod.rs"), ("c/left.rs", "c/right.rs"), ("c/right.rs", "c/left.rs"),
            ("d.rs", "c/right.rs"), ("d.rs", "e.rs"), ("e.rs", "d.rs"), ("f.rs", "e.rs"),
        }
        assert found == expected, (found - expected, expected - found)
        circles = sorted(sorted(map(short, loop)) for loop in loops(crate.files, edges))
        assert circles == [["a.rs", "b.rs"], ["c/left.rs", "c/right.rs"], ["d.rs", "e.rs"]], circles
        assert edges[sources / "b.rs"][sources / "a.rs"] == [(2, "crate::a::one")]
        named = {"::".join(path) for module in crate.modules for _, path in module.paths
                 if crate.resolve(module, path) is None}
        assert named == {"std::fmt", "my::tokio::y", "rusqlite::Row"}, named

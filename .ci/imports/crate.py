"""One crate: its modules, the names in scope in each, and the file that each path leads to."""

import re
from collections import defaultdict

from source import ITEMS, closing, end_of_item, tokens_of, without_tests


class Module:
    def __init__(self, crate, path, file, parent):
        self.crate, self.path, self.file, self.parent = crate, path, file, parent
        self.children = {}
        self.items = set()
        self.uses = {}          # a name in scope -> the path that it stands for
        self.globs = []         # paths whose names are all in scope
        self.paths = []         # (line, path) of everything named here
        self.idents = []        # (line, word), to be looked for behind globs
        if parent:
            parent.children[path[-1]] = self

    def root(self):
        return self.parent.root() if self.parent else self


class Crate:
    def __init__(self, name, root):
        self.name, self.folder = name, root.parent
        self.files = set()
        self.modules = []
        self.read(Module(self, (), root, None), root, root.parent)

    def read(self, module, file, folder):
        tokens = tokens_of(file.read_text())
        self.files.add(file)
        self.modules.append(module)
        self.walk(module, tokens, file, folder)

    def walk(self, module, tokens, file, folder):
        """Reads the items of `module`; `folder` is where its children's files are."""
        at, path_attribute = 0, None
        while at < len(tokens):
            token = tokens[at]
            if token.text == "#" and at + 1 < len(tokens) and tokens[at + 1].text in "[!":
                start = at + 1 + (tokens[at + 1].text == "!")
                if start < len(tokens) and tokens[start].text == "[":
                    end = closing(tokens, start)
                    inside = tokens[start + 1:end]
                    at = end + 1
                    if inside and inside[0].text == "cfg" and without_tests(inside[2:-1]) is False:
                        while at < len(tokens) and tokens[at].text == "#":
                            at = closing(tokens, at + 1) + 1
                        at = end_of_item(tokens, at)
                        path_attribute = None
                    elif len(inside) == 3 and inside[0].text == "path":
                        path_attribute = inside[2].text.strip('"')
                    else:
                        self.attribute(module, inside)
                    continue
            if token.kind == "word" and token.text == "use" and (at == 0 or tokens[at - 1].text != "+"):
                end = at
                while end < len(tokens) and tokens[end].text != ";":
                    end += 1
                # `use<'a>` in a bound is no import.
                if tokens[at + 1].text != "<":
                    self.use(module, tokens[at + 1:end])
                    at = end
                    continue
            if token.kind == "word" and token.text == "mod" and at + 2 < len(tokens) and tokens[at + 1].kind == "word":
                name, after = tokens[at + 1].text, tokens[at + 2].text
                if after == ";":
                    self.child(module, name, folder, path_attribute, file)
                    path_attribute = None
                    at += 3
                    continue
                if after == "{":
                    end = closing(tokens, at + 2)
                    child = Module(self, module.path + (name,), file, module)
                    self.modules.append(child)
                    self.walk(child, tokens[at + 3:end], file, folder / name)
                    at = end + 1
                    continue
            if token.kind == "word" and token.text == "macro_rules" and at + 2 < len(tokens):
                module.items.add(tokens[at + 2].text)
            elif token.kind == "word" and token.text in ITEMS and at + 1 < len(tokens) and tokens[at + 1].kind == "word":
                # Methods count too: no path begins with the name of one.
                module.items.add(tokens[at + 1].text)
            at += self.path(module, tokens, at)

    def path(self, module, tokens, at):
        """Notes the path that begins at `at`; returns how many tokens it has."""
        token = tokens[at]
        if token.kind != "word":
            return 1
        before = tokens[at - 1].text if at else ""
        # `pub(in crate::x)` says who may see, it imports nothing.
        if before == "in" and at > 2 and tokens[at - 3].text == "pub":
            return 1
        if before in {".", "::"} and not (before == "::" and at > 1 and tokens[at - 2].text not in {">"}):
            return 1
        names, index = [token.text], at + 1
        while index + 1 < len(tokens) and tokens[index].text == "::" and tokens[index + 1].kind == "word":
            names.append(tokens[index + 1].text)
            index += 2
        if before != "::":
            if len(names) > 1:
                module.paths.append((token.line, tuple(names)))
            else:
                module.idents.append((token.line, token.text))
        return index - at

    def attribute(self, module, inside):
        """A path within an attribute, as serde's `with = "crate::x"`."""
        for token in inside:
            if token.kind == "text" and re.fullmatch(r'"\w+(::\w+)+"', token.text):
                module.paths.append((token.line, tuple(token.text.strip('"').split("::"))))
            elif token.kind == "word":
                module.idents.append((token.line, token.text))
        at = 0
        while at < len(inside):
            at += self.path(module, inside, at)

    def child(self, module, name, folder, path_attribute, file):
        if path_attribute:
            candidates = [file.parent / path_attribute]
        else:
            candidates = [folder / f"{name}.rs", folder / name / "mod.rs"]
        for candidate in candidates:
            if candidate.is_file():
                if candidate.stem == "tests" or candidate.stem.endswith("_tests"):
                    return
                child = Module(self, module.path + (name,), candidate, module)
                below = candidate.parent if candidate.name == "mod.rs" else candidate.with_suffix("")
                self.read(child, candidate, below)
                return
        raise SystemExit(f"{file}: `mod {name}` has no file")

    def use(self, module, tokens):
        def tree(at, prefix):
            names = list(prefix)
            while at < len(tokens):
                token = tokens[at]
                if token.kind == "word" and token.text == "as":
                    note(names, tokens[at + 1].text, token.line)
                    return at + 2
                if token.kind == "word":
                    if token.text == "self" and names:
                        pass
                    else:
                        names.append(token.text)
                elif token.text == "*":
                    module.globs.append(tuple(names))
                    module.paths.append((token.line, tuple(names)))
                    return at + 1
                elif token.text == "{":
                    end = closing(tokens, at)
                    at += 1
                    while at < end:
                        at = tree(at, names)
                        if at < end and tokens[at].text == ",":
                            at += 1
                    return end + 1
                elif token.text in {",", "}"}:
                    break
                at += 1
            note(names, names[-1] if names else "", tokens[min(at, len(tokens)) - 1].line)
            return at

        def note(names, name, line):
            if not names:
                return
            module.uses.setdefault(name, tuple(names))
            module.paths.append((line, tuple(names)))

        tree(0, [])

    # --- from a path to a file ---

    def resolve(self, module, names, seen=frozenset()):
        """The file that defines what `names` means in `module`, or None for what is not of this crate."""
        at, index = None, 0
        first = names[0]
        if first in {"crate", "$crate"}:
            at, index = module.root(), 1
        elif first == "self":
            at, index = module, 1
        elif first == "super":
            at = module
            while index < len(names) and names[index] == "super":
                at, index = at.parent or at, index + 1
        if at is None:
            return self.lookup(module, names, seen, own=True)
        if index == len(names):
            return at.file
        return self.lookup(at, names[index:], seen, own=False)

    def lookup(self, module, names, seen, own):
        """Finds `names` among what is in `module`; with `own`, only what a path without a beginning can mean."""
        name, rest = names[0], names[1:]
        key = (id(module), names)
        if key in seen:
            return None
        seen = seen | {key}
        if name in module.children:
            child = module.children[name]
            if not rest:
                return child.file
            return self.lookup(child, rest, seen, own=False) or child.file
        if name in module.uses and module.uses[name] != names:
            return self.resolve(module, module.uses[name] + rest, seen)
        if name in module.items:
            return module.file
        for glob in module.globs:
            target = self.module_of(module, glob, seen)
            if target is not None and target is not module:
                found = self.lookup(target, names, seen, own=False)
                if found:
                    return found
        return None

    def module_of(self, module, names, seen=frozenset()):
        at = module
        for index, name in enumerate(names):
            if name in {"crate", "$crate"}:
                at = module.root()
            elif name == "super":
                at = at.parent or at
            elif name == "self":
                pass
            elif name in at.children:
                at = at.children[name]
            elif name in at.uses and (id(at), name) not in seen:
                at = self.module_of(at, at.uses[name], seen | {(id(at), name)})
                if at is None:
                    return None
            else:
                return None
        return at

    def edges(self):
        """file -> file -> [(line, what)]"""
        edges = defaultdict(lambda: defaultdict(list))
        for module in self.modules:
            named = list(module.paths)
            if module.globs:
                named += [(line, (word,)) for line, word in module.idents
                          if word not in module.uses and word not in module.items and word not in module.children]
            for line, names in named:
                target = self.resolve(module, names)
                if target and target != module.file:
                    noted = (line, "::".join(names))
                    if noted not in edges[module.file][target]:
                        edges[module.file][target].append(noted)
        return edges

"""What a room may know: one table, and what breaks it."""

# The rooms' rules. A room is a path below its crate's `src`: a folder, or a file without its ending; `*` is the whole
# crate. Each rule says one thing of it:
#   only     what of its own crate it may import, beside itself
#   never    what of its own crate it may not import
#   without  crates, or modules of them, that it may not name
#   except   rooms within it that the rule leaves out
ROOMS = [
    ("org42-types", "*", {"without": ["hyper", "reqwest", "std::fs", "std::io", "std::net", "std::process", "tokio"]},
     "wire types do nothing"),
    ("org42", "http", {"only": ["error", "redact"]}, "how a request travels is the same for each"),
    ("org42", "redact", {"only": []}, "what is secret does not depend on where it is"),
    ("org42", "list/page_cursor", {"only": ["list/reading", "list/row", "list/seen"], "without": ["hyper", "reqwest", "std::fs", "std::io", "std::net", "tokio"]},
     "which page comes next is decided without I/O"),
    ("org42", "settings/keys", {"only": ["error"]}, "the table of settings knows no organization"),
    ("org42", "settings/document", {"only": ["settings/keys", "settings/edit"]}, "a document knows no server"),
    ("org42", "settings/edit", {"only": ["error", "settings/keys", "settings/document"]}, "an edit is made without a server"),
    ("org42-admin", "*", {"without": ["clap", "hyper", "reqwest", "std::fs", "std::io", "std::process"]},
     "what asks, prints and reads files is the program's, what sends is the SDK's"),
    ("org42-admin", "tree", {"only": []}, "a tree is made of a listing and knows no server"),
    ("org42-admin", "settings", {"never": ["change"]}, "a change is made of settings, and not the other way"),
    ("org42-authority", "domain", {"only": [], "without": ["axum", "http", "hyper", "reqwest", "rusqlite", "tokio"]},
     "the rules of a tenant stand alone, and know neither HTTP nor SQL"),
    ("org42-authority", "store", {"only": ["domain"], "except": ["store/sqlite"]},
     "a store keeps what the domain describes"),
    ("org42-authority", "store/sqlite", {"only": ["store", "domain", "data", "log"]},
     "the SQLite store keeps it in files"),
    ("org42-authority", "*", {"without": ["rusqlite"], "except": ["store/sqlite"]}, "SQL stays in its store"),
    ("org42-authority", "service", {"only": ["auth", "clock", "domain", "fidelity", "store"], "without": ["axum", "hyper"]},
     "what can be asked of a tenant does not depend on who serves it"),
    ("org42-authority", "http", {"never": ["listening", "testbench"]}, "the test bench and the port are around it"),
    ("org42-authority", "http/dto", {"never": ["http/access", "http/handlers"]}, "an answer does not depend on who asked for it"),
    ("org42-cli", "args", {"only": ["duration", "env", "exit"]}, "arguments know no command"),
    ("org42-cli", "rows", {"only": ["args", "exit"]}, "how a row looks depends on nothing but the form"),
    ("org42-cli", "*", {"without": ["axum", "rusqlite"]}, "the command goes through the libraries"),
]


def in_room(crate, file, room):
    place = file.relative_to(crate.folder).with_suffix("")
    if place.name == "mod":
        place = place.parent
    return room == "*" or str(place) == room or str(place).startswith(room + "/")


def broken_by(crate, edges):
    """The file that breaks a rule, what it may not name, where it does, and the rule."""
    for name, room, rule, why in ROOMS:
        if name != crate.name:
            continue
        inside = [file for file in sorted(crate.files) if in_room(crate, file, room)
                  and not any(in_room(crate, file, left) for left in rule.get("except", ()))]
        for file in inside:
            for target, named in sorted(edges.get(file, {}).items()):
                within = lambda rooms: any(in_room(crate, target, other) for other in rooms)
                if not within([room]) and (within(rule.get("never", ())) or not within(rule.get("only", ["*"]))):
                    yield file, target, named, f"{room}: {why}"
        for module in crate.modules:
            if module.file in inside:
                for word in rule.get("without", ()):
                    parts = tuple(word.split("::"))
                    named = {(line, "::".join(path)) for line, path in module.paths
                             if path[:len(parts)] == parts and crate.resolve(module, path) is None}
                    if named:
                        yield module.file, word, named, f"{room}: {why}"

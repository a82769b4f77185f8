"""Rust's tokens, and which of them only tests compile; as far as imports need it."""

import re

TOKEN = re.compile(
    r"""(?P<blank>\s+|//[^\n]*)
      | (?P<comment>/\*)
      | (?P<text>b?r(?P<hashes>\#*)".*?"(?P=hashes)|[bc]?"(?:\\.|[^"\\])*")
      | (?P<char>b?'(?:\\(?:u\{[^}]*\}|x..|.)|[^'\\])')
      | (?P<lifetime>'(?:r\#)?\w+)
      | (?P<word>(?:r\#)?[A-Za-z_]\w*)
      | (?P<number>\d\w*(?:\.\d\w*)?)
      | (?P<sign>::|->|=>|.)""",
    re.VERBOSE | re.DOTALL,
)


class Token:
    __slots__ = ("kind", "text", "line")

    def __init__(self, kind, text, line):
        self.kind, self.text, self.line = kind, text, line


def tokens_of(source):
    tokens, at, line = [], 0, 1
    while at < len(source):
        found = TOKEN.match(source, at)
        kind, text = found.lastgroup, found.group()
        end = found.end()
        if kind == "hashes":
            kind = "text"
        if kind == "comment":
            depth, end = 1, at + 2
            while depth and end < len(source):
                if source.startswith("/*", end):
                    depth, end = depth + 1, end + 2
                elif source.startswith("*/", end):
                    depth, end = depth - 1, end + 2
                else:
                    end += 1
        elif kind != "blank":
            if kind == "word" and text.startswith("r#"):
                text = text[2:]
            tokens.append(Token(kind, text, line))
        line += source.count("\n", at, end)
        at = end
    return tokens


OPEN, CLOSE = {"(": ")", "[": "]", "{": "}"}, {")", "]", "}"}


def closing(tokens, at):
    """The index of the bracket that closes the one at `at`."""
    depth = 0
    for index in range(at, len(tokens)):
        if tokens[index].kind == "sign":
            if tokens[index].text in OPEN:
                depth += 1
            elif tokens[index].text in CLOSE:
                depth -= 1
                if depth == 0:
                    return index
    return len(tokens) - 1


def without_tests(predicate):
    """What a `cfg` predicate is where nothing is tested: true, false, or None for "depends"."""
    def parse(at):
        name = predicate[at].text
        if at + 1 < len(predicate) and predicate[at + 1].text == "(":
            end = closing(predicate, at + 1)
            parts, inner = [], at + 2
            while inner < end:
                value, inner = parse(inner)
                parts.append(value)
                inner += 1
            if name == "not":
                return (None if parts[0] is None else not parts[0]), end + 1
            decided = name == "any"
            if decided in parts:
                return decided, end + 1
            return (None if None in parts else not decided), end + 1
        if at + 2 < len(predicate) and predicate[at + 1].text == "=":
            return None, at + 3
        return (False if name == "test" else None), at + 1

    return parse(0)[0] if predicate else None


ITEMS = {"fn", "struct", "enum", "union", "trait", "type", "const", "static", "macro_rules", "mod"}
BEGINS = ITEMS | {"pub", "use", "impl", "async", "unsafe", "extern", "let"}
UNTIL_SEMICOLON = {"use", "type", "const", "static", "let"}


def end_of_item(tokens, at):
    """The index after the item, field or arm that begins at `at`."""
    begins = tokens[at].text in BEGINS
    keyword = None
    index = at
    while index < len(tokens):
        token = tokens[index]
        if token.kind == "word" and keyword is None and token.text in ITEMS | {"use", "let", "impl"}:
            keyword = token.text
            if keyword == "const" and tokens[index + 1].text in {"fn", "unsafe", "async", "extern"}:
                keyword = None
        if token.kind == "sign":
            if token.text in OPEN:
                index = closing(tokens, index)
                if token.text == "{" and begins and keyword not in UNTIL_SEMICOLON:
                    return index + 1
            elif token.text == ";" or (token.text == "," and not begins):
                return index + 1
            elif token.text in CLOSE:
                return index
        index += 1
    return index

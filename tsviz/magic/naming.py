"""Names of the IR in a `%tsdebug` line: ops, values and scopes of the programs at hand."""

import re
from collections.abc import Iterator

from tsviz.magic.requests import iter_programs
from tsviz.magic.shell import Shell

_WORD = re.compile(r"%?[\w.]+(?:::\w*)?")
_LINE = re.compile(r"%%?tsdebug[ \t]")


def inspect_name(shell: Shell, code: str, cursor: int) -> str | None:
    """What the op, the `%value` or the scope at the cursor is; `None` where it is none of them."""
    start = code.rfind("\n", 0, cursor) + 1
    line = code[start:].split("\n", maxsplit=1)[0]
    if not _LINE.match(line.lstrip()):
        return None
    at = cursor - start
    word = next((m[0] for m in _WORD.finditer(line) if m.start() <= at <= m.end()), "")
    found = "\n".join(_facts(shell, word)) if word else ""
    return found or None


def _facts(shell: Shell, word: str) -> Iterator[str]:
    for name, program in iter_programs(shell):
        graph = program.graph
        if "::" in word:
            nodes = [node for node in graph.iter_nodes() if node.op == word]
            if nodes:
                yield f"{name}: {len(nodes)} of {word}"
        elif word.startswith("%"):
            for identity, value in graph.values.items():
                if f"%{value.name}" == word:
                    kind = graph.types.get(identity)
                    yield f"{name}: {word} : {kind.text if kind is not None else 'unknown'}"
        elif (count := sum(_is_in(scope, word) for scope in graph.scopes.values())) > 0:
            yield f"{name}: {count} nodes in {word}"


def _is_in(scope: str, word: str) -> bool:
    return scope == word or scope.startswith(f"{word}.")


def iter_names(shell: Shell, word: str) -> Iterator[tuple[str, str]]:
    """Names that begin with `word`, each with what it is; ops and values only where asked for."""
    found: dict[str, str] = {}
    for _, program in iter_programs(shell):
        graph = program.graph
        if "::" in word:
            found |= {node.op: "op" for node in graph.iter_nodes()}
        elif word.startswith("%"):
            found |= {f"%{value.name}": "value" for value in graph.values.values()}
        elif "." in word:
            found |= dict.fromkeys(graph.scopes.values(), "scope")
    yield from ((name, kind) for name, kind in sorted(found.items()) if name.startswith(word))

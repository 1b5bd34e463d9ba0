"""What an archive's code does while PyTorch only loads it.

`torch.jit.load` runs a part of the code: `__setstate__` of every class that has one, and each
expression that gives a default argument or a class constant its value. The latter may call any
operator, `torch.from_file` and `torch.save` among them, so an archive without `__setstate__` can
write files, too. PyTorch itself prints plain values there.

The check must see what PyTorch's compiler will see. So the code has to be of the plain form in
which PyTorch prints it: no comments, no quotes but `"`, no continued lines, no tabs, no signs
beyond ASCII. In such a text every `def` is a function, wherever it stands.
"""

import ast
import re
from collections.abc import Iterator

_STRING = r'"(?:[^"\\\x00-\x1f]|\\[ -~])*+"'
_PLAIN = re.compile(rf"(?:[ \n\w.,:;=+\-*/%<>!&|^~()\[\]{{}}]|{_STRING}(?!\"))*+")
_STRINGS = re.compile(_STRING)
_DEF = re.compile(r"\bdef\b", re.ASCII)
_FIRST_DEF = re.compile(r"^( *+)def\b", re.ASCII | re.MULTILINE)
_MOST_FUNCTIONS = 20_000
_BRACKET = re.compile(r"[()\[\]{}]")
_CONSTRUCTORS = frozenset({"annotate", "float", "torch.device"})
_LITERALS = (
    *(ast.Constant, ast.Name, ast.Attribute, ast.Subscript, ast.List, ast.Tuple, ast.Dict),
    *(ast.UnaryOp, ast.UAdd, ast.USub, ast.Load),
)
_DECLARATIONS = (ast.ClassDef, ast.AnnAssign, ast.Pass, ast.Import)


def find_load_time_code(name: str, text: str) -> Iterator[str]:
    """What would run of one file of code, in words.

    Args:
        name: of the record, such as `code/__torch__/model.py`.
        text: its code.
    """
    if "__setstate__" in text:
        yield f"`{name}` defines `__setstate__`, which runs on load"
        return
    plain = _PLAIN.match(text)
    end = plain.end() if plain else 0
    if end < len(text):
        line = text.count("\n", 0, end) + 1
        yield f"`{name}` is not written as PyTorch prints code (line {line}), so it may hide some"
        return
    text = _STRINGS.sub('""', text)
    try:
        for value in (*_defaults(text), *_constants(text)):
            if not _is_literal(value):
                yield f"`{name}` calls operators for a value: `{ast.unparse(value)[:80]}`"
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        yield f"`{name}` is not written as PyTorch prints code, so it may hide some"


def _defaults(text: str) -> Iterator[ast.expr]:
    """The default arguments of all functions, nested ones included."""
    for count, match in enumerate(_DEF.finditer(text)):
        if count == _MOST_FUNCTIONS:
            raise ValueError("more functions than any model has in one file")
        header = text[match.start() : _header_end(text, match.end())]
        (function,) = ast.parse(f"{header}: pass").body
        if not isinstance(function, ast.FunctionDef):
            raise SyntaxError(header)
        yield from function.args.defaults
        yield from (value for value in function.args.kw_defaults if value is not None)


def _header_end(text: str, at: int) -> int:
    """Where the brackets close that open after `at`."""
    depth = 0
    for bracket in _BRACKET.finditer(text, at):
        depth += 1 if bracket[0] in "([{" else -1
        if depth <= 0:
            return bracket.end()
    raise SyntaxError("a bracket is not closed")


def _constants(text: str) -> Iterator[ast.expr]:
    """The values given to names outside functions."""
    for statement in ast.walk(ast.parse(_without_functions(text))):
        match statement:
            case ast.Assign(value=value) | ast.AnnAssign(value=ast.expr() as value):
                yield value
            case ast.stmt() if not isinstance(statement, _DECLARATIONS):
                raise SyntaxError("a statement outside functions")
            case _:
                pass


def _without_functions(text: str) -> str:
    """The text with `pass` for each function: a `def` and all lines that stand deeper."""
    kept: list[str] = []
    at = 0
    for match in _FIRST_DEF.finditer(text):
        if match.start() < at:
            continue  # within a function
        indent = match[1]
        dedent = re.compile(rf"\n {{0,{len(indent)}}}+(?=[^ \n])")
        end = dedent.search(text, _header_end(text, match.end()))
        kept += [text[at : match.start()], indent, "pass"]
        at = end.start() if end else len(text)
    return "".join([*kept, text[at:]])


def _is_literal(value: ast.expr) -> bool:
    return all(
        isinstance(part, _LITERALS)
        or (isinstance(part, ast.Call) and ast.unparse(part.func) in _CONSTRUCTORS)
        for part in ast.walk(value)
    )

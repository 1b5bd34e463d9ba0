r"""The literals of IR text: numbers, quoted strings, lists, tensors.

PyTorch prints strings byte by byte and escapes what is not printable ASCII as three octal digits,
but computes them on a *signed* char, so that `é` becomes `\0)+\/.)`. The digits still determine
the byte (64a + 8b + c, negative numbers wrap), which is how they are read here. The canonical text
writes printable characters as they are and keeps octal for control bytes only.
"""

import re
from functools import lru_cache

from tsviz.ir.graph import Attribute, Opaque, TensorRef

_ESCAPES = {
    "a": 7, "b": 8, "f": 12, "n": 10, "r": 13, "t": 9, "v": 11,
    "\\": 92, "'": 39, '"': 34, "?": 63,
}  # fmt: skip
_NAMED = {chr(byte): f"\\{name}" for name, byte in _ESCAPES.items() if name in 'abfnrtv\\"'}
_INT = re.compile(r"-?\d+$")
_FLOAT = re.compile(r"-?(?:\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?|inf|nan)$")
_COMPLEX = re.compile(
    r"(?P<re>-?(?:[\d.]+(?:e[+-]?\d+)?|inf|nan))(?P<im>[+-](?:[\d.]+(?:e[+-]?\d+)?|inf|nan))j$"
)
_TENSOR = re.compile(
    r"<Tensor(?: (?P<dtype>\w+)\[(?P<shape>[\d, ]*)\])?(?: sha256:(?P<digest>[0-9a-f]+))?"
    r"(?: (?P<text>.+))?>$",
    re.DOTALL,
)
_SCALAR_TENSOR = re.compile(r"\{[^\"\[\]{}:]*\}$")
_SHOWN_TENSOR = re.compile(r"[^\"]*\[ \w*Type\{[\d,]*\}.*\]$")
_NUMBER_OR_STRING = (int, float, complex, str)


@lru_cache(maxsize=65536)
def parse_literal(text: str) -> Attribute:
    """Reads the printed value of an attribute; what is not understood stays `Opaque`."""
    if text[:1] == '"' and text[-1:] == '"' and len(text) > 1:
        return unquote(text)
    if _INT.match(text):
        return int(text)
    if _FLOAT.match(text):
        return float(text)
    if match := _COMPLEX.match(text):
        return complex(float(match["re"]), float(match["im"]))
    if match := _TENSOR.match(text):
        shape = None if match["shape"] is None else _sizes(match["shape"])
        return TensorRef(match["dtype"] or "", shape, match["digest"] or "", match["text"] or "")
    if _SCALAR_TENSOR.match(text) or _SHOWN_TENSOR.match(text):
        return TensorRef(text=text)
    if text[:1] == "[" and text[-1:] == "]":
        return _parse_list(text)
    return Opaque(text)


def as_float(value: Attribute) -> Attribute:
    """A number of a float constant, or a list of them.

    From 1e10 on PyTorch prints whole numbers without a point, so that they read as integers.
    """
    if isinstance(value, tuple):
        return tuple(map(as_float, value))
    return float(value) if isinstance(value, int) else value


def _sizes(text: str) -> tuple[int, ...]:
    return tuple(int(size) for size in text.split(",") if size.strip())


def _parse_list(text: str) -> Attribute:
    items = tuple(parse_literal(item) for item in split_list(text[1:-1]))
    return items if all(isinstance(item, _NUMBER_OR_STRING) for item in items) else Opaque(text)


_LIST_TOKEN = re.compile(r'"(?:\\.|[^"\\])*"|[\[({<]|[\])}>]|,|[^"\[({<\])}>,]+', re.DOTALL)


def split_list(text: str) -> list[str]:
    """Splits at the commas that stand outside quotes and brackets."""
    items: list[str] = []
    depth, current = 0, ""
    for match in _LIST_TOKEN.finditer(text):
        token = match[0]
        if token == "," and depth == 0:
            items.append(current.strip())
            current = ""
            continue
        depth += (token in "[({<") - (token in "])}>") if len(token) == 1 else 0
        current += token
    if current.strip() or items:
        items.append(current.strip())
    return items


_ESCAPED = re.compile(r"\\(?:([abfnrtv\\'\"?])|(.)(.)(.))", re.DOTALL)


def unquote(text: str) -> str:
    """The string a quoted literal stands for, PyTorch's octal included.

    Bytes that are not UTF-8 become lone surrogates, so that nothing is lost.
    """
    out = bytearray()
    end = 1
    for match in _ESCAPED.finditer(text, 1, len(text) - 1):
        out += text[end : match.start()].encode("utf-8", "surrogateescape")
        end = match.end()
        if match[1]:
            out.append(_ESCAPES[match[1]])
        else:
            a, b, c = (ord(digit) - 48 for digit in match.group(2, 3, 4))
            out.append((64 * a + 8 * b + c) % 256)
    out += text[end:-1].encode("utf-8", "surrogateescape")
    return out.decode("utf-8", "surrogateescape")


_UNPRINTABLE = re.compile(r'[\x00-\x1f"\\\x7f\udc80-\udcff]')


def quote(text: str) -> str:
    """The canonical quoted form of a string; `unquote` reads it back."""
    return '"' + _UNPRINTABLE.sub(_escape, text) + '"'


def _escape(match: re.Match[str]) -> str:
    char = match[0]
    code = ord(char) - 0xDC00 if ord(char) >= 0xDC80 else ord(char)
    return _NAMED.get(char) or f"\\{code:03o}"


def render_literal(value: Attribute, digest: str = "") -> str:
    """The canonical text of an attribute's value.

    Args:
        digest: of a tensor, where the reference itself does not carry it.
    """
    if isinstance(value, str):
        return quote(value)
    if isinstance(value, TensorRef):
        return _render_tensor(value, value.digest or digest)
    if isinstance(value, tuple):
        return f"[{', '.join(render_literal(item) for item in value)}]"
    if isinstance(value, Opaque):
        return value.text
    if isinstance(value, complex):
        return f"{value.real!r}{'+' if str(value.imag)[0] != '-' else ''}{value.imag!r}j"
    return repr(value)


def _render_tensor(tensor: TensorRef, digest: str) -> str:
    if tensor.shape is None and not digest and tensor.text and not tensor.text.startswith("s"):
        return tensor.text
    shape = "" if tensor.shape is None else f" {tensor.dtype}[{', '.join(map(str, tensor.shape))}]"
    seal = f" sha256:{digest}" if digest else ""
    shown = f" {tensor.text}" if tensor.text else ""
    return f"<Tensor{shape}{seal}{shown}>"

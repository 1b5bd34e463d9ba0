"""Writes the TypeScript half of the wire from the dataclasses of the protocol.

Two hand-written descriptions of one protocol drift apart, and a browser that believes a malformed
payload fails far from its cause. So the interfaces and the decoders that check every field are
generated, and the generated file is committed for readers and reviewers:

    python -m tsviz.protocol.codegen            # writes protocol.generated.ts
    python -m tsviz.protocol.codegen --check    # fails when it is out of date

An unknown field is ignored, a missing or mistyped one is an error that names its path.
"""

import argparse
import sys
import types
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

from tsviz.protocol import (
    comparison_tables,
    debug_tables,
    messages,
    pass_tables,
    profile_tables,
    report_tables,
    tables,
    variant_tables,
)
from tsviz.protocol.columns import Column

TARGET = Path(__file__).parents[2] / "labextension/packages/core/src/protocol.generated.ts"

_SCALARS: dict[object, tuple[str, str]] = {
    str: ("string", "asString"),
    int: ("number", "asInteger"),
    float: ("number", "asNumber"),
    bool: ("boolean", "asBoolean"),
    object: ("unknown", "asIs"),
    Column: ("Column", "asColumn"),
    # Long lists: their decoders build an item's path only when it is wrong.
    list[str]: ("readonly string[]", "asStrings"),
    list[int]: ("readonly number[]", "asIntegers"),
}

_HEADER = f"""\
// Written by `python -m tsviz.protocol.codegen` from tsviz/protocol. Do not edit.

import {{
  asBoolean,
  asColumn,
  asDictionary,
  asInteger,
  asIntegers,
  asIs,
  asList,
  asNullable,
  asNumber,
  asRecord,
  asString,
  asStrings,
  type Blob,
  type Column,
  type Decoder,
}} from "./protocol";

export const PROTOCOL = {messages.PROTOCOL};
"""


def generate() -> str:
    """Returns the text of `protocol.generated.ts`."""
    parts = [_HEADER]
    for cls in _dataclasses():
        parts += [_interface(cls), _decoder(cls)]
    parts.append(_requests())
    return "\n".join(parts)


def _dataclasses() -> Iterator[type]:
    modules = (
        *(tables, pass_tables, report_tables, variant_tables, comparison_tables),
        *(debug_tables, profile_tables),
        messages,
    )
    for module in modules:
        for value in vars(module).values():
            own = getattr(value, "__module__", "") == module.__name__
            if own and is_dataclass(value) and isinstance(value, type):
                yield value


def _interface(cls: type) -> str:
    hints = get_type_hints(cls)
    if not hints:
        return f"export type {cls.__name__} = Record<string, never>;\n"
    body = "".join(f"  readonly {f.name}: {_type(hints[f.name])};\n" for f in fields(cls))
    return f"export interface {cls.__name__} {{\n{body}}}\n"


def _decoder(cls: type) -> str:
    hints = get_type_hints(cls)
    name = cls.__name__
    head = f"export function decode{name}(raw: unknown, path: string, blob: Blob): {name} {{\n"
    if not hints:
        return f"{head}  asRecord(raw, path, blob);\n  return {{}};\n}}\n"
    body = "".join(
        f'    {f.name}: {_decode(hints[f.name])}(o["{f.name}"], `${{path}}.{f.name}`, blob),\n'
        for f in fields(cls)
    )
    return f"{head}  const o = asRecord(raw, path, blob);\n  return {{\n{body}  }};\n}}\n"


def _requests() -> str:
    kinds = "".join(
        f"  {kind}: {{ payload: {payload.__name__}; result: {result.__name__} }};\n"
        for kind, (payload, result) in messages.REQUESTS.items()
    )
    decoders = "".join(
        f"  {kind}: decode{result.__name__},\n" for kind, (_, result) in messages.REQUESTS.items()
    )
    return (
        f"export interface Requests {{\n{kinds}}}\n\n"
        "export const RESULT_DECODERS: {\n"
        '  [K in keyof Requests]: Decoder<Requests[K]["result"]>;\n'
        f"}} = {{\n{decoders}}};\n"
    )


def _type(hint: Any) -> str:
    if hint in _SCALARS:
        return _SCALARS[hint][0]
    if isinstance(hint, type) and is_dataclass(hint):
        return hint.__name__
    origin, args = get_origin(hint), get_args(hint)
    if origin is list:
        return f"readonly {_type(args[0])}[]"
    if origin is dict and args[0] is str:
        return f"Readonly<Record<string, {_type(args[1])}>>"
    if origin is types.UnionType and len(args) == 2 and args[1] is type(None):
        return f"{_type(args[0])} | null"
    raise TypeError(f"the wire has no TypeScript form for {hint!r}")


def _decode(hint: Any) -> str:
    """An expression for a function `(raw, path, blob) => value`."""
    if hint in _SCALARS:
        return _SCALARS[hint][1]
    if isinstance(hint, type) and is_dataclass(hint):
        return f"decode{hint.__name__}"
    wrapper = {list: "asList", dict: "asDictionary", types.UnionType: "asNullable"}
    args = get_args(hint)
    inner = args[1] if get_origin(hint) is dict else args[0]
    origin = get_origin(hint)
    if origin not in wrapper:
        raise TypeError(f"the wire has no decoder for {hint!r}")
    return f"{wrapper[origin]}({_decode(inner)})"


def main(argv: list[str] | None = None) -> int:
    """Writes the file, or with `--check` only compares it; returns the exit status."""
    parser = argparse.ArgumentParser(description="TypeScript types and decoders of the wire")
    parser.add_argument("--check", action="store_true", help="fail when the file is out of date")
    text = generate()
    if not parser.parse_args(argv).check:
        TARGET.write_text(text, encoding="utf-8")
        return 0
    if TARGET.read_text(encoding="utf-8") == text:
        return 0
    sys.stderr.write(f"{TARGET} is out of date; run python -m tsviz.protocol.codegen\n")
    return 1


if __name__ == "__main__":
    raise SystemExit(main())

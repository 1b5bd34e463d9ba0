"""What a kernel says to a front end's requests, whoever finds the answers: the envelopes."""

import dataclasses
from collections.abc import Iterator, Mapping
from typing import cast

from tsviz.display import renderer
from tsviz.errors import Diagnostic, ProtocolError, TsvizError
from tsviz.protocol import PROTOCOL, REQUESTS, encode, messages
from tsviz.views import diagnostic_payload

CHUNK = 1 << 20
"""Largest binary part of one message, in bytes."""

Message = tuple[dict[str, object], list[bytes]]


def hello(package: str) -> dict[str, object]:
    """How this side greets: the version of the protocol, and of the package."""
    return dataclasses.asdict(messages.Hello("hello", PROTOCOL, package))


def guarded(identity: str, said: Iterator[Message], revision: int = 0) -> Iterator[Message]:
    """What is said to a request; its failure, too, is an answer."""
    try:
        yield from said
    except TsvizError as error:
        yield failure_reply(identity, error.diagnostic, revision), []
    except Exception as error:  # noqa: BLE001 (a request must never end in silence)
        yield failure_reply(identity, _unexpected(error), revision), []


def failure_reply(identity: str, diagnostic: Diagnostic, revision: int = 0) -> dict[str, object]:
    """The answer to a request that could not be met."""
    error = diagnostic_payload(diagnostic)
    return dataclasses.asdict(messages.Reply("reply", identity, revision, None, error, 0))


def asset_reply(identity: str, payload: object) -> Iterator[Message]:
    """The answer to a request for a file of the front end; no program is needed for that.

    Raises:
        TsvizError: there is no such file, or none was named.
    """
    result, blob = asset(cast("messages.AssetRequest", typed("asset", payload)))
    return success(identity, encode(result)[0], blob)


def asset(request: messages.AssetRequest) -> tuple[object, bytes]:
    """A file of the front end, and its bytes."""
    data = renderer("asset")(request.name)
    return messages.Asset(request.name, "text/javascript"), data


def success(identity: str, payload: object, blob: bytes, revision: int = 0) -> Iterator[Message]:
    """The answer to a request that was met: its payload, and its blob in parts."""
    parts = [blob[at : at + CHUNK] for at in range(0, len(blob), CHUNK)]
    reply = messages.Reply("reply", identity, revision, None, None, len(parts))
    yield {**dataclasses.asdict(reply), "payload": payload}, []
    for number, part in enumerate(parts):
        chunk = messages.Chunk("chunk", identity, number, len(parts))
        yield dataclasses.asdict(chunk), [part]


def never_begun(identity: str) -> dict[str, object]:
    """The answer to a request that was cancelled before its turn came."""
    return failure_reply(identity, Diagnostic("TSV-P04", "cancelled before it began"))


def typed(kind: str, payload: object) -> object:
    """The typed request; unknown fields are passed over."""
    shape = REQUESTS[kind][0]
    given = cast("Mapping[str, object]", payload if isinstance(payload, dict) else {})
    known = {field.name for field in dataclasses.fields(shape)}
    if missing := known - given.keys():
        text = f"expected {', '.join(sorted(missing))} in a request of kind {kind!r}, got none"
        raise ProtocolError(Diagnostic("TSV-P02", text))
    return shape(**{name: value for name, value in given.items() if name in known})


def _unexpected(error: Exception) -> Diagnostic:
    return Diagnostic("TSV-P09", f"the request failed: {type(error).__name__}: {error}")

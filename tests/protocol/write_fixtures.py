"""Writes the documents that the TypeScript tests decode.

python -m tests.protocol.write_fixtures
"""

import base64
import json
from pathlib import Path

from tests.protocol import documents, profiled, variants
from tsviz.protocol import Document, encode

FOLDER = Path(__file__).parents[2] / "labextension/packages/core/tests/fixtures"
FIXTURES = {
    "detector": documents.detector,
    "filled_list": documents.filled_list,
    "hostile": documents.hostile,
    "empty": documents.empty,
    "gate": variants.gate,
    "profiled": profiled.profiled,
    "profiles_compared": profiled.compared,
}


def render(document: Document) -> str:
    """The JSON that stands in an HTML file: the document and its blob."""
    payload, blob = encode(document)
    data = {"document": payload, "blob": base64.b64encode(blob).decode()}
    return json.dumps(data, allow_nan=False, ensure_ascii=True)


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, build in FIXTURES.items():
        (FOLDER / f"{name}.json").write_text(render(build()) + "\n", encoding="utf-8")

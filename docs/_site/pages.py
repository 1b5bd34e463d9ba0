"""What the site takes from the code when it is built, so that it cannot differ from it.

MkDocs calls the functions `on_*`. They make the pages of the command and of the magic, the table of
keys, the table of rooms and the picture of the architecture, and leave nothing to be fetched.
"""

import ast
import io
import re
from collections.abc import Iterator
from contextlib import redirect_stdout, suppress
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page
from mkdocs.utils import get_relative_url

from tsviz.cli import build_parser
from tsviz.magic.help import HELP
from tsviz.options import COMMANDS
from tsviz.views.dot import draw_dot

ROOT = Path(__file__).parents[2]
KEYBOARD = ROOT / "labextension" / "packages" / "core" / "src" / "keyboard.ts"
WORKER = ROOT / "labextension" / "node_modules" / "iframe-worker" / "shim" / "index.js"
SHIM = "assets/javascripts/iframe-worker.js"
SHIM_ELSEWHERE = "https://unpkg.com/iframe-worker/shim"
LINK_OUTSIDE = re.compile(r"\[([^\]]+)\]\(\.\./((?:notebooks/|LICENSE)[^)]*)\)")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Adds the pages and the picture that are made of the code."""
    picture = draw_dot((ROOT / "docs" / "architecture.dot").read_text(encoding="utf-8"))
    made = {
        "reference/command.md": command_page(),
        "reference/magic.md": f"# `%tsdebug`\n\n```text\n{HELP}\n```\n",
        "images/architecture.svg": picture,
    }
    for name, content in made.items():
        files.append(File.generated(config, name, content=content))
    files.append(File.generated(config, SHIM, abs_src_path=str(WORKER)))
    return files


def on_post_page(output: str, page: Page, **_: object) -> str:
    """Takes what lets a page from disk search from the site instead of from elsewhere."""
    return output.replace(SHIM_ELSEWHERE, get_relative_url(SHIM, page.url))


def on_post_template(output_content: str, **_: object) -> str:
    """The same for what is no page, as that of a wrong address."""
    return output_content.replace(SHIM_ELSEWHERE, SHIM)


def on_page_markdown(markdown: str, **_: object) -> str:
    """Fills in the tables that are made of the code; what is no page is named, not linked."""
    markdown = markdown.replace("<!-- keys -->", keys_table())
    markdown = markdown.replace("<!-- rooms -->", rooms_table())
    return LINK_OUTSIDE.sub(r"\1 (`\2`)", markdown)


def command_page() -> str:
    """The help of every command, as the terminal shows it."""
    parts = ["# The command", _fenced(_help_of())]
    for command in COMMANDS:
        parts += [f"## tsviz {command.name}", _fenced(_help_of(command.name))]
    return "\n\n".join(parts)


def _help_of(*words: str) -> str:
    printed = io.StringIO()
    with redirect_stdout(printed), suppress(SystemExit):
        build_parser().parse_args([*words, "--help"])
    return printed.getvalue()


def keys_table() -> str:
    """The keys of the explorer, in the words of its own help."""
    text = KEYBOARD.read_text(encoding="utf-8")
    table = text[text.index("KEYS") : text.index("];", text.index("KEYS"))]
    keys = re.findall(r'\["([^"]+)", "([^"]+)"\]', table)
    rows = [f"| {' '.join(f'`{key}`' for key in names.split())} | {does} |" for names, does in keys]
    return "\n".join(["| key | does |", "| --- | --- |", *rows])


def rooms_table() -> str:
    """What each room of the package is for, in its own words; a layer imports only those above."""
    rows = ["| layer | room | what it is for |", "| ---: | --- | --- |"]
    for number, rooms in enumerate(_layers(), 1):
        for room in sorted(rooms):
            rows.append(f"| {number} | `{room}` | {_first_line(room)} |")
    return "\n".join(rows)


def _layers() -> Iterator[set[str]]:
    """The layers that `tests/test_architecture.py` holds the imports to."""
    tree = ast.parse((ROOT / "tests" / "test_architecture.py").read_text(encoding="utf-8"))
    for node in tree.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "LAYERS":
            layers = eval(compile(ast.Expression(node.value), "layers", "eval"))
            yield from layers


def _first_line(room: str) -> str:
    folder = ROOT / "tsviz" / room
    file = folder / "__init__.py" if folder.is_dir() else folder.with_suffix(".py")
    text = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or ""
    return " ".join(text.split("\n\n", maxsplit=1)[0].split())


def _fenced(text: str) -> str:
    return f"```text\n{text.rstrip()}\n```"

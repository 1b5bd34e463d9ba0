"""The kernel class."""

from pathlib import Path
from threading import Thread
from typing import Any, cast

from ipykernel.ipkernel import IPythonKernel
from traitlets import Type

from tsviz import magic
from tsviz.reading_ahead import file_beside
from tsviz_kernel.compiling import CellCompiler


class TsdebugKernel(IPythonKernel):
    """IPython's kernel with the extension loaded; it imports no torch before a cell does."""

    compiler_class = cast("Any", Type(CellCompiler))

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)  # pyright: ignore[reportUnknownMemberType] (no types)
        shell = cast("Any", self.shell)
        shell.extension_manager.load_extension("tsviz")
        shell.compile.body_name = lambda: magic.name_timed_body(shell)
        file = file_beside()
        if file is not None:
            Thread(target=_prepare, args=(file,), name="prepare", daemon=True).start()

    async def do_debug_request(self, msg: dict[str, Any]) -> Any:
        """Answers `tsdebug/*` itself and leaves the debug protocol to IPython's kernel."""
        if str(msg.get("command", "")).startswith(magic.REQUESTS):
            return magic.answer(cast("Any", self.shell), msg)
        return await super().do_debug_request(msg)  # pyright: ignore[reportUnknownMemberType]

    def do_inspect(
        self,
        code: str,
        cursor_pos: int,
        detail_level: int = 0,
        omit_sections: tuple[str, ...] = (),
    ) -> Any:
        """Says what an op, a value or a scope named in a `%tsdebug` line is."""
        found = magic.inspect_name(cast("Any", self.shell), code, cursor_pos)
        if found is None:
            inspect = cast("Any", super()).do_inspect
            return inspect(code, cursor_pos, detail_level, omit_sections)
        return {"status": "ok", "found": True, "data": {"text/plain": found}, "metadata": {}}


def _prepare(file: Path) -> None:
    """Jupyter and the kernel take a while to find each other; what is asked then is begun here."""
    from tsviz.widgets.documents import prepare  # importing it is half of that

    prepare(file)

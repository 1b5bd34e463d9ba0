"""A notebook in JupyterLab or Notebook 7, as far as these tests need it.

What the tests are about is done by mouse and keyboard. Jupyter itself (open, run, save, wait for
the kernel) is driven through the application object that its servers were asked to expose, whose
promises say when something is done.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.e2e.explorer import Explorer
from tests.e2e.servers import JupyterServer

WAIT = "print('here we are'); open('turnstile').read()  # until somebody writes"
"""A cell that runs as long as a test wants."""

_SESSION = "jupyterapp.shell.currentWidget.sessionContext"
_THERE = "() => globalThis.jupyterapp?.shell?.currentWidget?.sessionContext"
_READY = """async () => {
  const { context, sessionContext } = jupyterapp.shell.currentWidget;
  await context.ready;
  await sessionContext.ready;
  await sessionContext.session?.kernel?.info;
}"""
_SHOW = """async (id) => {
  const { content } = jupyterapp.shell.currentWidget;
  const index = content.widgets.findIndex((cell) => cell.model.id === id);
  content.activeCellIndex = index;
  content.mode = "command";
  await content.scrollToItem(index, "start");
}"""


class Notebook:
    """An open notebook; its cells are called by their ids.

    Args:
        page: a browser page of its own.
        server: the server that has it.
        name: its path there.
        app: `lab` or `notebook`.
    """

    def __init__(self, page: Page, server: JupyterServer, name: str, app: str = "lab") -> None:
        self.page = page
        self.server = server
        self.name = name
        self.app = app

    def open(self) -> "Notebook":
        """Opens it, or opens it anew, and waits for its kernel."""
        self._go()
        return self.wait()

    def wait(self) -> "Notebook":
        """Waits for its kernel, once the page is on its way."""
        self.page.wait_for_function(_THERE)
        self.page.evaluate(_READY)
        return self

    def open_without_kernel(self) -> "Notebook":
        """Opens one whose kernel is not installed here, and takes no other."""
        self._go()
        self.page.get_by_role("dialog").get_by_role("button", name="No Kernel").click()
        return self

    def _go(self) -> None:
        place = {"lab": "lab/tree", "notebook": "notebooks"}[self.app]
        self.page.goto(self.server.address(f"{place}/{self.name}"))
        self.page.wait_for_function(_THERE)

    def do(self, command: str, **arguments: object) -> Any:
        """Runs a command of Jupyter's and waits until it is done."""
        return self.page.evaluate(
            "([command, arguments]) => jupyterapp.commands.execute(command, arguments)",
            [command, arguments],
        )

    def run_all(self) -> "Notebook":
        self.do("notebook:run-all-cells")
        return self

    def run(self, cell: str, *, wait: bool = True) -> None:
        """Runs one cell; without `wait` the kernel is busy with it afterwards."""
        self.show(cell)
        if wait:
            self.do("notebook:run-cell")
        else:
            self.page.evaluate("() => void jupyterapp.commands.execute('notebook:run-cell')")

    @contextmanager
    def busy(self, cell: str) -> Iterator[None]:
        """Meanwhile the kernel is busy with the cell `cell`, a `WAIT`."""
        turnstile = self.server.root / "turnstile"
        os.mkfifo(turnstile)
        self.run(cell, wait=False)
        expect(self.output(cell)).to_contain_text("here we are")
        try:
            yield
            turnstile.write_text("go")
        finally:
            turnstile.unlink()

    def save(self) -> str:
        """Saves it and returns what the file holds."""
        self.do("docmanager:save")
        return (self.server.root / self.name).read_text(encoding="utf-8")

    def show(self, cell: str) -> Locator:
        """Brings a cell to the top of the window, and returns it."""
        self.page.evaluate(_SHOW, cell)
        return self.page.locator(".jp-Notebook .jp-Cell.jp-mod-active")

    def explorer(self, cell: str) -> Explorer:
        """The explorer in a cell's output."""
        return Explorer(self.page, self.show(cell)).wait()

    def output(self, cell: str) -> Locator:
        return self.show(cell).locator(".jp-OutputArea-output")

    def sources(self) -> list[str]:
        """What is written in the cells."""
        return self.page.evaluate(
            """() => jupyterapp.shell.currentWidget.content.widgets.map(
              (cell) => cell.model.sharedModel.getSource())"""
        )

    def is_kernel_idle(self) -> bool:
        return self.page.evaluate(f"() => {_SESSION}.session?.kernel?.status") == "idle"

    def restart_kernel(self) -> None:
        self.page.evaluate(f"() => {_SESSION}.session.kernel.restart()")

    def shut_down_kernel(self) -> None:
        self.page.evaluate(f"() => {_SESSION}.shutdown()")

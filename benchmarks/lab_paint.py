"""From a double click on a file in JupyterLab to the visible graph.

    python -m benchmarks.first_paint --lab

The control of each repetition is the same work without JupyterLab: a kernel of the same kind is
started and asked whether it is there, and `tsviz.open` is called in it. What counts as visible, and
how to read what is printed: docs/benchmarks.md.
"""

import os
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import zmq
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager
from playwright.sync_api import Playwright

from benchmarks.browser import NotSeenError, Tab, new_browser
from benchmarks.claims import Claim, interval, quartiles, ratios
from benchmarks.peers import free_port, running

TARGET = 1.2
KERNEL = "tsdebug"
PACKAGES = ("torch", "jupyterlab", "ipykernel")
FILE = "bert.pt"
MOST_REPEATED = 5
_WAIT = 120
_OPEN = f"""
from time import perf_counter
began = perf_counter()
import tsviz
tsviz.open({FILE!r})
took = perf_counter() - began
"""
MOMENTS = {
    "clicked": "",
    "asked": "click → the server is asked for a kernel",
    "started": "… → its process runs",
    "ready": "… → it answers",
    "served": "… → it takes explorers",
    "reading": "… → it is asked for the program",
    "sent": "… → the file is read, the document sent",
    "arrived": "… → all of it is in the page",
    "decoded": "… → decoded",
    "drawn": "… → laid out and drawn",
    "first": "… → painted",
    "settled": "… → settled",
}
"""The way, moment by moment, and what is said of the time since the one before."""


@dataclass
class Run:
    """One run of the benchmark; seconds, one value a repetition.

    Attributes:
        folder: where the file lies, and what Jupyter writes.
        start: of the control's kernel, from its process to its first reply.
        open: of `tsviz.open` in it.
        again: both in another kernel of the same repetition, which tells how far a ratio is off for
            no reason.
        moments: by name, since the click.
        repeated: turns that had to be taken again, and why.
    """

    playwright: Playwright
    folder: Path
    start: list[float] = field(default_factory=list)
    open: list[float] = field(default_factory=list)
    again: list[float] = field(default_factory=list)
    moments: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    repeated: list[str] = field(default_factory=list)

    @property
    def control(self) -> list[float]:
        """What the double click is held against."""
        return [start + open_ for start, open_ in zip(self.start, self.open, strict=True)]


def measure(playwright: Playwright, folder: Path, repetitions: int) -> Run:
    """Takes the turns, first one of each that does not count; `FILE` lies in `folder/files`."""
    run = Run(playwright, folder)
    os.environ.update(settings(folder))
    with _lab(folder) as address:
        turns = (partial(_try_lab, run, address), partial(_try_alone, run), partial(_again, run))
        for repetition in range(-1, repetitions):
            print(f"\r{repetition + 1}/{repetitions}", end="", file=sys.stderr)
            for at in range(len(turns)):
                turns[(repetition + at) % len(turns)]()
            if repetition < 0:
                for values in (run.start, run.open, run.again, run.moments, run.repeated):
                    values.clear()
    print(file=sys.stderr)
    return run


def settings(folder: Path) -> dict[str, str]:
    """Has servers and kernels meet no settings and no history of whoever runs this."""
    names = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")
    names += ("JUPYTERLAB_SETTINGS_DIR", "JUPYTERLAB_WORKSPACES_DIR")
    return {name: str(folder / name.lower()) for name in names}


@contextmanager
def _lab(folder: Path) -> Iterator[str]:
    """A JupyterLab beside the file; yields the address of its page."""
    command = [
        *(sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"),
        *("--ServerApp.ip=127.0.0.1", f"--ServerApp.port={free_port()}"),
        f"--ServerApp.root_dir={folder / 'files'}",
        "--LabApp.expose_app_in_browser=True",  # so that it can be waited for
        *("--LabApp.news_url=None", "--LabApp.extension_manager=readonly"),
    ]
    with running(command, r"http://127\.0\.0\.1:\d+/lab\?token=\w+") as address:
        yield address


# ── turns ─────────────────────────────────────────────────────────────────────────────────────────


def _try_lab(run: Run, address: str) -> None:
    """A double click in a new profile; again if no graph came, which the report says."""
    while True:
        try:
            with new_browser(run.playwright, "lab.js") as tab:
                moments = _double_click(tab, address)
        except NotSeenError as error:
            run.repeated.append(repr(str(error)[:200]))
            if len(run.repeated) > MOST_REPEATED:
                raise SystemExit("\n".join(["too many failed turns:", *run.repeated])) from None
            continue
        for name, value in moments.items():
            run.moments[name].append(value)
        return


def _double_click(tab: Tab, address: str) -> dict[str, float]:
    """Opens the file as a user does who sees it in the file browser.

    Returns:
        Seconds since the click by moment; and `bytes` and `requests`, as they are.
    """
    tab.open(f"{address}&reset", "tsviz")
    tab.ask(_UNTIL_RESTORED)
    tab.ask(_SHUT_DOWN)  # of a turn that failed; its kernel would be taken again
    tab.double_click(".jp-DirListing-item", FILE)
    sight = tab.see()
    found: Mapping[str, float] = tab.ask("tsvizLab.moments()")
    tab.ask(_SHUT_DOWN)
    times = {**found, "first": sight.first, "settled": sight.settled}
    clicked = times["clicked"]
    since = {name: (times[name] - clicked) / 1000 for name in MOMENTS}
    return {**since, **{name: found[name] for name in ("bytes", "requests")}}


_UNTIL_RESTORED = """new Promise((resolve) => {
  const look = () => {
    const isListed = [...document.querySelectorAll(".jp-DirListing-item")].length > 0;
    if (globalThis.jupyterapp && isListed) jupyterapp.restored.then(() => resolve(true));
    else setTimeout(look, 100);
  };
  look();
})"""
_SHUT_DOWN = "jupyterapp.serviceManager.sessions.shutdownAll()"


def _try_alone(run: Run) -> None:
    start, open_ = _start_and_open(run.folder / "files")
    run.start.append(start)
    run.open.append(open_)


def _again(run: Run) -> None:
    run.again.append(sum(_start_and_open(run.folder / "files")))


def _start_and_open(folder: Path) -> tuple[float, float]:
    """Seconds of a kernel without JupyterLab to its first reply, and of `tsviz.open` in it."""
    manager = KernelManager(kernel_name=KERNEL)
    began = perf_counter()
    manager.start_kernel(cwd=str(folder), stderr=subprocess.DEVNULL)
    client = manager.blocking_client()
    client.context.setsockopt(zmq.RECONNECT_IVL, 1)  # else it would look every 100 ms
    client.start_channels()
    try:
        client.kernel_info()
        client.get_shell_msg(timeout=_WAIT)
        start = perf_counter() - began
        return start, _open(client)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def _open(client: BlockingKernelClient) -> float:
    """Seconds of `tsviz.open`, by the kernel's own clock."""
    identity = client.execute(_OPEN, silent=True, user_expressions={"took": "took"})
    while (reply := client.get_shell_msg(timeout=_WAIT))["parent_header"]["msg_id"] != identity:
        pass
    content: dict[str, Any] = reply["content"]
    return float(content["user_expressions"]["took"]["data"]["text/plain"])


# ── report ────────────────────────────────────────────────────────────────────────────────────────


def claims(run: Run) -> list[Claim]:
    """The double click over its control: to the first picture, and until it has settled."""
    return [
        Claim(f"double click, {moment} / kernel and open", _over(run, moment), TARGET)
        for moment in ("first", "settled")
    ]


def _over(run: Run, moment: str) -> tuple[float, ...]:
    return ratios(run.moments[moment], run.control)


def print_report(run: Run) -> None:
    """The way of the double click span by span, the control, the ratios."""
    print(f"\n{'seconds':<52} {'median':>8} {'interval':>18} {'quartiles':>18}")
    for before, name in pairwise(MOMENTS):
        pairs = zip(run.moments[before], run.moments[name], strict=True)
        _print_row(MOMENTS[name], [after - first for first, after in pairs])
    print()
    _print_row("click → first picture", run.moments["first"])
    _print_row("click → settled picture", run.moments["settled"])
    _print_row("control: the kernel's start", run.start)
    _print_row("control: tsviz.open", run.open)
    _print_row("control", run.control)
    print(
        f"\nfor the document {median(run.moments['bytes']) / 1e6:.2f} MB came from the kernel; "
        f"after the click the page made {median(run.moments['requests']):.0f} HTTP requests"
    )
    print("\nfigure [95% interval of the median], target, verdict")
    for claim in claims(run):
        print(claim.render())
    noise = Claim("kernel and open / itself", ratios(run.again, run.control), TARGET)
    print(f"\nthe control's own noise\n{noise.render_figure()}")
    print(f"\nturns taken again: {len(run.repeated)}", *run.repeated, sep="\n  ")


def _print_row(text: str, values: list[float]) -> None:
    low, middle, high = quartiles(values)
    least, most = interval(values)
    spread, extent = f"[{least:.3f}, {most:.3f}]", f"{low:.3f} to {high:.3f}"
    print(f"  {text:<50} {middle:>8.3f} {spread:>18} {extent:>18}")

"""Reference answers of lesson 09, and what learners typically answer instead."""

import torch
from torch import Tensor, nn

import tsviz
from tests.course.answer import Slip
from tsviz.course.lesson_09 import Whiten
from tsviz.course.misconceptions import LAST_LINE, NODE_ONCE, STEPS_MINE


def rounds(model: nn.Module, x: Tensor) -> int:
    with tsviz.debug(model, (x,)) as session:
        session.wait()
        session.break_at("aten::div")
        count = 0
        while session.continue_().is_held:
            count += 1
        return count


def rounds_recorded(model: nn.Module, x: Tensor) -> int:
    with tsviz.debug(model, (x,)) as session:
        table = session.record().to_dataframe()
    return int((table["op"] == "aten::div").sum())


def nodes(model: nn.Module, x: Tensor) -> int:
    graph = tsviz.capture(model, (x,)).graph
    return sum(node.op == "aten::div" for node in graph.iter_nodes())


def rounds_by_running(model: nn.Module, x: Tensor) -> int:
    ratio = float((x / model(x))[0])
    return round(torch.log2(torch.tensor(ratio)).item())


def first_bad(model: nn.Module, x: Tensor) -> str:
    with tsviz.debug(model, (x,)) as session:
        session.wait()
        state = session.continue_(finite=True)
        return state.node.op if state.node is not None and state.is_held else ""


def last_bad(model: nn.Module, x: Tensor) -> str:
    with tsviz.debug(model, (x,)) as session:
        table = session.record().to_dataframe()
    bad = table[(table["nans"] > 0) | (table["infinities"] > 0)]
    return "" if bad.empty else str(bad["op"].iloc[-1])


def first_nan(model: nn.Module, x: Tensor) -> str:
    with tsviz.debug(model, (x,)) as session:
        table = session.record().to_dataframe()
    bad = table[table["nans"] > 0]
    return "" if bad.empty else str(bad["op"].iloc[0])


class SafeWhiten(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        x = x - x.mean(1, keepdim=True)
        deviation = x.std(1, keepdim=True)
        x = x / torch.where(deviation == 0, torch.ones_like(deviation), deviation)
        return torch.tanh(x)


class PatchedWhiten(Whiten):
    """The NaN is taken out where it shows."""

    def forward(self, x: Tensor) -> Tensor:
        x = x - x.mean(1, keepdim=True)
        x = x / x.std(1, keepdim=True)
        return torch.nan_to_num(torch.tanh(x))


RIGHT = {
    "09.1": lambda: rounds,
    "09.2": lambda: first_bad,
    "09.3": SafeWhiten,
}

WRONG = {
    "09.1": (
        Slip("nodes of the graph", lambda: nodes, NODE_ONCE),
        Slip("run the model", lambda: rounds_by_running, STEPS_MINE),
    ),
    "09.2": (
        Slip("the last one", lambda: last_bad, LAST_LINE),
        Slip("the first NaN", lambda: first_nan, LAST_LINE),
    ),
    "09.3": (
        Slip("the model as it is", Whiten, LAST_LINE),
        Slip("NaN taken out at the end", PatchedWhiten, LAST_LINE),
    ),
}

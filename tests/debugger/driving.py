"""What the tests of the debugger share: sessions that wait, runs to hold them against, models."""

from collections.abc import Iterator
from typing import Any

import torch
from torch import nn
from torch.utils._pytree import tree_leaves

import tsviz
from tsviz.debugger import Debugger, Status
from tsviz.frontends import Program
from tsviz.jit import natives
from tsviz.jit.calling import graph_inputs
from tsviz.jit.internals import internals, jit


def started(*args: Any, **kwargs: Any) -> Debugger:
    """A session that is held before its first node."""
    session = tsviz.debug(*args, **kwargs)
    session.wait()
    return session


def stepped_through(session: Debugger) -> list[int]:
    """Steps node by node to the end; returns the arrivals, heads of loops negative."""
    seen: list[int] = []
    while session.state.is_held:
        state = session.state
        assert state.node is not None
        seen.append(-state.node.id if state.is_head else state.node.id)
        session.step()
        session.wait()
    return seen


def plain_run(program: Program) -> tuple[Any, Exception | None]:
    """The same graph without taps, unoptimised, from the same state."""
    assert program.inputs is not None
    native, args, kwargs = natives.copy_for_run(
        program.native, program.inputs.args, program.inputs.kwargs
    )
    graph = natives.inlined_graph(native, program.method)
    function = internals._create_function_from_graph(program.method, graph)
    inputs = tuple(graph_inputs(native, program.method, args, kwargs))
    with natives.preserved_random_state(native), jit.optimized_execution(False):
        try:
            return function(*inputs), None
        except Exception as error:  # noqa: BLE001 (the model's own)
            return None, error


def bits(value: object) -> list[object]:
    """Something that is equal only for values that are equal bit for bit."""
    return list(_bits(value))


def _bits(value: object) -> Iterator[object]:
    for leaf in tree_leaves(value):
        if isinstance(leaf, torch.Tensor):
            plain = leaf.detach()
            data = plain.int_repr() if plain.is_quantized else plain
            yield plain.dtype, tuple(plain.shape)
            yield data.contiguous().reshape(-1).view(torch.uint8).numpy().tobytes()
        elif isinstance(leaf, float):
            yield leaf.hex()
        elif isinstance(leaf, (int, str, bool, type(None))):
            yield leaf
        else:
            yield type(leaf).__name__


def finished(session: Debugger) -> Any:
    """What the program returns when it goes on to its end."""
    while session.state.is_held:
        session.continue_()
        session.wait()
    assert session.state.status is Status.FINISHED, str(session.state)
    return session.result


class Noisy(nn.Module):
    """Draws, writes in place, and changes itself."""

    count: int

    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(4, 4)
        self.drop = nn.Dropout(0.5)
        self.count = 0
        self.register_buffer("total", torch.zeros(4))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.linear(x)
        for _ in range(3):
            y = self.drop(y).relu_()
            y.add_(torch.rand(4))
            self.count += 1
            self.total += y.sum(0)
        x.mul_(2)
        return y + self.total + self.count + x


class Calls(nn.Module):
    """A method that calls another one, and a module with a module inside."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(3, 4), nn.ReLU())
        self.head = nn.Linear(4, 2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.encode(x)
        z = y * 2
        return self.head(z)

    def encode(self, x: torch.Tensor) -> torch.Tensor:
        shifted = x + 1
        return self.encoder(shifted)


class Divides(nn.Module):
    """Infinite where `x` is 0."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = x + 1
        z = 1 / x
        return y + z


class Raises(nn.Module):
    """Fails inside a loop."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for i in range(5):
            x = x + 1
            if i == 3:
                raise ValueError("too far")
        return x


class Mismatches(nn.Module):
    """Fails in an op."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = x.relu()
        return torch.mm(y, y)


class RunsForever(nn.Module):
    """Never ends."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        while bool(x.numel() > 0):
            x = x + 1
        return x


class Gathers(nn.Module):
    """A list that grows."""

    def forward(self, x: torch.Tensor) -> list[torch.Tensor]:
        found: list[torch.Tensor] = []
        for i in range(3):
            found.append(x * i)
        return found


class Tells(nn.Module):
    """Prints and warns."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = x + 1
        print("once", y.shape)  # noqa: T201 (TorchScript's)
        return y * 2


class Forks(nn.Module):
    """A fork of a method, and one that fails."""

    def forward(self, x: torch.Tensor, fail: bool) -> torch.Tensor:
        future = torch.jit.fork(self.work, x, fail)
        y = x + 1
        return y + torch.jit.wait(future)

    def work(self, x: torch.Tensor, fail: bool) -> torch.Tensor:
        if fail:
            raise ValueError("in the fork")
        z = x * 3
        return z.relu()


class ForksInside(nn.Module):
    """A fork inside a fork."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.jit.wait(torch.jit.fork(self.outer, x)) + 1

    def outer(self, x: torch.Tensor) -> torch.Tensor:
        return torch.jit.wait(torch.jit.fork(self.inner, x)) * 2

    def inner(self, x: torch.Tensor) -> torch.Tensor:
        return x.relu()

"""How long a variant takes: its first call, the way to a stable plan, and then.

Every call is made as the user makes it, on a copy that was never called before, in this process and
with its threads, grad mode and autocast as they are. Around a call, and not in the time: copies of
the inputs, the random state, and Python's garbage collector, which is held. Each of the calls by
turns, where they are short, comes right after one that is not timed, since the variant before it
has filled the caches. A CUDA device is waited for on both sides.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from statistics import quantiles

import torch
from torch.utils._pytree import tree_leaves

from tsviz.collector import collector_held
from tsviz.comparison.randomness import seeded
from tsviz.comparison.subject import Subject, quiet
from tsviz.comparison.variants import Made
from tsviz.jit import natives
from tsviz.jit.interrupts import held_interrupts
from tsviz.jit.running import outcome_of
from tsviz.jit.unused import count_profiled_runs, last_plan

MOST_WARM_UPS = 20
"""After so many calls a plan is taken as it is."""


@dataclass(frozen=True, slots=True)
class Latency:
    """Wall times of one variant, in seconds.

    Attributes:
        warm_ups: of the calls until the plan was stable, the first one of a new copy included.
        is_stable: whether it became so.
        seconds: of the calls then, taken in turns with those of the other variants.
    """

    warm_ups: tuple[float, ...]
    is_stable: bool
    seconds: tuple[float, ...] = ()

    @property
    def first(self) -> float:
        """The first call: a plan is compiled in it."""
        return self.warm_ups[0]

    @property
    def quartiles(self) -> tuple[float, float, float] | None:
        """First quartile, median and third one; `None` of fewer than two calls."""
        if len(self.seconds) < 2:
            return None
        low, median, high = quantiles(self.seconds, n=4, method="inclusive")
        return low, median, high


class Clock:
    """Calls a copy of one variant again and again.

    Attributes:
        error: what the last call raised, or `None`.
    """

    error: Exception | None = None

    def __init__(self, subject: Subject, made: Made) -> None:
        """Makes the copy.

        Raises:
            RuntimeError: PyTorch cannot copy the variant.
        """
        self._owner, self._inputs = subject.owner, made.inputs
        self._call = made.unused()
        self._seed = subject.example.seed
        self._is_cuda = any(tensor.is_cuda for tensor in _iter_tensors(subject))

    def time(self, *, after_another: bool = False) -> float | None:
        """Seconds of one call; `None` where it raised.

        Args:
            after_another: whether another one, not timed, is made just before.
        """
        given = [self._copied_inputs() for _ in range(1 + after_another)]
        with (
            held_interrupts() as let_through,
            seeded(self._seed, self._owner),
            quiet(),
            collector_held(),
            let_through(),
        ):
            seconds = None
            for args, kwargs in given:
                seconds = self._time(args, kwargs)
        return seconds

    def _copied_inputs(self) -> tuple[tuple[object, ...], dict[str, object]]:
        _, args, kwargs = natives.copy_for_run(None, self._inputs.args, self._inputs.kwargs)
        return args, kwargs

    def _time(self, args: tuple[object, ...], kwargs: dict[str, object]) -> float | None:
        self._wait()
        start = time.perf_counter()
        _, self.error = outcome_of(lambda: self._call(*args, **kwargs))
        self._wait()
        seconds = time.perf_counter() - start
        return seconds if self.error is None else None

    def warm_up(self) -> Latency | None:
        """Calls until two runs in turn have one plan, after PyTorch has observed its own number.

        Returns:
            `None` where a call raised.
        """
        seconds: list[float] = []
        plans: list[str] = []
        observed = count_profiled_runs()
        while len(seconds) < MOST_WARM_UPS:
            taken = self.time()
            if taken is None:
                return None
            seconds.append(taken)
            plans.append(last_plan())
            if _is_stable(plans[observed:]):
                return Latency(tuple(seconds), True)
        return Latency(tuple(seconds), False)

    def _wait(self) -> None:
        if self._is_cuda:
            torch.cuda.synchronize()


def _is_stable(plans: list[str]) -> bool:
    return any(before == after for before, after in pairwise(plans))


@dataclass(frozen=True, slots=True)
class Conditions:
    """What a latency depends on beside the variant.

    Attributes:
        torch: its version.
        devices: those of the model's tensors and the inputs.
        threads: that one op may use.
        grad: `on`, `off` or `inference`: whether calls record gradients.
        training: whether a part of the model is in train mode; `None` of a function.
    """

    torch: str
    devices: tuple[str, ...]
    threads: int
    grad: str
    training: bool | None

    def __str__(self) -> str:
        threads = "1 thread" if self.threads == 1 else f"{self.threads} threads"
        grad = "inference mode" if self.grad == "inference" else f"gradients {self.grad}"
        said = [f"torch {self.torch}", *self.devices, threads, grad]
        if self.training is not None:
            said.append("train mode" if self.training else "eval mode")
        return ", ".join(said)


def read_conditions(subject: Subject) -> Conditions:
    """The conditions as they are now."""
    devices = dict.fromkeys(str(tensor.device) for tensor in _iter_tensors(subject))
    grad = "on" if torch.is_grad_enabled() else "off"
    return Conditions(
        torch=str(torch.__version__),
        devices=tuple(devices) or ("cpu",),
        threads=torch.get_num_threads(),
        grad="inference" if torch.is_inference_mode_enabled() else grad,
        training=subject.is_training if natives.is_module(subject.owner) else None,
    )


def _iter_tensors(subject: Subject) -> Iterator[torch.Tensor]:
    """Those of the model and of the example inputs."""
    inputs = subject.example.inputs
    yield from (tensor for _, _, tensor in natives.iter_tensors(subject.owner))
    leaves = tree_leaves((inputs.args, dict(inputs.kwargs)))
    yield from (leaf for leaf in leaves if isinstance(leaf, torch.Tensor))

"""What plain PyTorch says of a model and its trace.

Every run gets a copy of the model and of its arguments, and known seeds, so that neither what the
trace did to the model nor the order of the runs can decide.
"""

import copy
import random
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from tests.models.faults.model import Arguments

# The relative and absolute tolerances of `torch.testing.assert_close`.
TOLERANCES = {
    torch.float16: (1e-3, 1e-5),
    torch.bfloat16: (1.6e-2, 1e-5),
    torch.float32: (1.3e-6, 1e-5),
    torch.float64: (1e-7, 1e-7),
    torch.complex64: (1.3e-6, 1e-5),
}


@contextmanager
def known_seeds(seed: int) -> Iterator[None]:
    """Give all generators of random numbers a seed, and their own states back after.

    Small models are also ten times as fast on one thread where other processes are at work.
    """
    python, arrays, threads = random.getstate(), np.random.get_state(), torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with torch.random.fork_rng(devices=[]):
            random.seed(seed)
            np.random.seed(seed)
            torch.default_generator.manual_seed(seed)
            yield
    finally:
        torch.set_num_threads(threads)
        random.setstate(python)
        np.random.set_state(arrays)


def trace(model: nn.Module, arguments: Arguments, *, quiet: bool = True) -> torch.jit.ScriptModule:
    """The trace of a copy of the model.

    Args:
        model: the model, in the mode it is traced in.
        arguments: for the call that is traced.
        quiet: whether PyTorch's warnings about the trace are dropped.
    """
    with warnings.catch_warnings(), known_seeds(0):
        if quiet:
            warnings.simplefilter("ignore", torch.jit.TracerWarning)
            warnings.simplefilter("ignore", FutureWarning)  # of transformers' own properties
        traced = torch.jit.trace(copy.deepcopy(model), copy.deepcopy(arguments), check_trace=False)
    assert isinstance(traced, torch.jit.ScriptModule)
    return traced


def run(model: nn.Module, *calls: Arguments, seed: int = 0) -> Any:
    """The result of the last of several calls of a copy of a model, or of a trace."""
    model, result = copy.deepcopy(model), None
    with known_seeds(seed):
        for arguments in calls:
            result = model(*copy.deepcopy(arguments))
    return result


def equal(left: Any, right: Any) -> bool:
    """Whether two results are equal within ten times the tolerance of their dtype."""
    if isinstance(left, Tensor) and isinstance(right, Tensor):
        return _equal_tensors(left, right)
    if isinstance(left, dict) and isinstance(right, dict):
        return [*left] == [*right] and all(equal(left[key], right[key]) for key in left)
    if isinstance(left, list | tuple) and isinstance(right, list | tuple):
        return len(left) == len(right) and all(map(equal, left, right))
    return type(left) is type(right) and left == right


def _equal_tensors(left: Tensor, right: Tensor) -> bool:
    if (left.shape, left.dtype, left.device) != (right.shape, right.dtype, right.device):
        return False
    if left.device.type == "meta":
        return True
    if left.dtype not in TOLERANCES:
        return torch.equal(left, right)
    relative, absolute = TOLERANCES[left.dtype]
    return torch.allclose(left, right, 10 * relative, 10 * absolute, equal_nan=True)

"""What a thread knows that a new one does not: modes, autocast, devices.

PyTorch keeps it for each thread apart. A program that runs in a thread of its own shall run as it
would in the caller's.
"""

from collections.abc import Generator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any, Protocol, cast

import torch
from torch.utils import _python_dispatch

_AUTOCAST_DEVICES = ("cpu", "cuda")


class _Torch(Protocol):
    def is_autocast_enabled(self, device: str) -> bool: ...
    def get_autocast_dtype(self, device: str) -> torch.dtype: ...
    def is_autocast_cache_enabled(self) -> bool: ...


class _Modes(Protocol):
    def _disable_current_modes(self) -> AbstractContextManager[object]: ...
    def _get_current_dispatch_mode_stack(self) -> list[Any]: ...


_torch = cast("_Torch", torch)
_modes = cast("_Modes", _python_dispatch)


@dataclass(frozen=True, slots=True)
class _Autocast:
    device: str
    dtype: torch.dtype
    cache: bool


@dataclass(frozen=True, slots=True)
class CallingThread:
    """The state of the thread that made it."""

    grad: bool
    inference: bool
    autocast: tuple[_Autocast, ...]
    modes: tuple[Any, ...]
    device: int | None
    stream: Any

    @classmethod
    def here(cls) -> "CallingThread":
        """That of this thread."""
        cache = _torch.is_autocast_cache_enabled()
        autocast = tuple(
            _Autocast(device, _torch.get_autocast_dtype(device), cache)
            for device in _AUTOCAST_DEVICES
            if _torch.is_autocast_enabled(device)
        )
        has_cuda = torch.cuda.is_available() and torch.cuda.is_initialized()
        return cls(
            torch.is_grad_enabled(),
            torch.is_inference_mode_enabled(),
            autocast,
            tuple(_modes._get_current_dispatch_mode_stack()),
            torch.cuda.current_device() if has_cuda else None,
            torch.cuda.current_stream() if has_cuda else None,
        )

    @contextmanager
    def entered(self) -> Generator[None]:
        """Has this thread be like that one."""
        with ExitStack() as stack:
            if self.device is not None:
                stack.enter_context(torch.cuda.device(self.device))
                stack.enter_context(torch.cuda.stream(self.stream))
            if self.inference:
                stack.enter_context(torch.inference_mode())
            stack.enter_context(torch.set_grad_enabled(self.grad))
            for one in self.autocast:
                stack.enter_context(
                    torch.autocast(one.device, dtype=one.dtype, cache_enabled=one.cache)
                )
            for mode in self.modes:
                stack.enter_context(mode)
            yield

    def unwatched(self) -> AbstractContextManager[object]:
        """Keeps what a tool computes in such a thread from the modes that watch it."""
        return _modes._disable_current_modes() if self.modes else _NOTHING


_NOTHING = nullcontext()

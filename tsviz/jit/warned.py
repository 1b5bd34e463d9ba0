"""The class of what PyTorch's tracer warns of."""

from typing import Any, cast

import torch

TracerWarning: type[Warning] = cast("Any", torch.jit).TracerWarning

__all__ = ["TracerWarning"]

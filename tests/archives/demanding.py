"""Archives that need more than PyTorch alone: an operator, a device, an older or newer PyTorch."""

import subprocess
import sys
import warnings
from pathlib import Path

import torch
from torch import nn

from tests.archives.saved_models import HoldsTorchbind, OldOperators, OnCuda, Perceptron
from tests.archives.zipfiles import replace_in

QUANTISATION_WARNINGS = (
    r"torch\.ao\.quantization is deprecated",
    r"torch\.quantize_per_tensor, torch\.quantize_per_channel and other quantized tensor",
    r"Please use quant_min and quant_max",
)
"""How the warnings begin that PyTorch gives for quantising and, once, for loading what is."""


def _ignore_quantisation_warnings() -> None:
    for start in QUANTISATION_WARNINGS:
        warnings.filterwarnings("ignore", message=start)


def _dynamically_quantised() -> torch.jit.ScriptModule:
    with warnings.catch_warnings():
        _ignore_quantisation_warnings()
        model = torch.ao.quantization.quantize_dynamic(
            Perceptron().eval(), {nn.Linear}, dtype=torch.qint8
        )
        return torch.jit.script(model)


def dynamically_quantised(folder: Path) -> Path:
    """A linear layer with int8 weights in packed parameters, a torchbind object."""
    path = folder / "dynamic.pt"
    torch.jit.save(_dynamically_quantised(), path)
    return path


def frozen_quantised(folder: Path) -> Path:
    """The same frozen: the torchbind object is a constant and no `__setstate__` is left."""
    path = folder / "frozen_quantised.pt"
    torch.jit.save(torch.jit.freeze(_dynamically_quantised()), path)
    return path


def statically_quantised(folder: Path) -> Path:
    """A convolution fused with its norm and relu, calibrated and quantised."""
    path = folder / "static.pt"
    with warnings.catch_warnings():
        _ignore_quantisation_warnings()
        convolution = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU()).eval()
        fused = torch.ao.quantization.fuse_modules(convolution, [["0", "1", "2"]])
        model = torch.ao.quantization.QuantWrapper(fused)
        model.qconfig = torch.ao.quantization.get_default_qconfig("x86")
        torch.ao.quantization.prepare(model, inplace=True)
        model(torch.randn(1, 3, 8, 8))
        torch.ao.quantization.convert(model, inplace=True)
        torch.jit.save(torch.jit.script(model), path)
    return path


def torchbind(folder: Path) -> Path:
    """A module of the user's own that holds a torchbind object as an attribute."""
    path = folder / "torchbind.pt"
    with warnings.catch_warnings():
        _ignore_quantisation_warnings()
        torch.jit.save(torch.jit.script(HoldsTorchbind().eval()), path)
    return path


def old_operators(folder: Path) -> Path:
    """Saved under file format 3: upgraders rewrite `div`, `linspace`, `full` and `gelu`."""
    path = folder / "old.pt"
    torch.jit.save(torch.jit.script(OldOperators().eval()), path)
    replace_in(path, lambda name: name.endswith("/version"), b"10\n", b"3\n")
    return path


def from_the_future(folder: Path) -> Path:
    """Saved under a file format that this PyTorch does not know yet."""
    path = folder / "future.pt"
    torch.jit.save(torch.jit.script(Perceptron().eval()), path)
    replace_in(path, lambda name: name.endswith("/version"), b"3\n", b"99\n")
    return path


def cuda_constant(folder: Path) -> Path:
    """The code says `cuda:0`: it loads anywhere and runs only there."""
    path = folder / "cuda_constant.pt"
    torch.jit.save(torch.jit.script(OnCuda().eval()), path)
    return path


def cuda_weights(folder: Path) -> Path:
    """The weights were saved from `cuda:0`: without one it loads only with `map_location`."""
    path = folder / "cuda_weights.pt"
    torch.jit.save(torch.jit.script(Perceptron().eval()), path)
    # In pickle's own words: the string of three characters "cpu", the one of six "cuda:0".
    replace_in(
        path,
        lambda name: name.endswith("/data.pkl"),
        b"X\x03\0\0\0cpu",
        b"X\x06\0\0\0cuda:0",
    )
    return path


def missing_operator(folder: Path) -> Path:
    """Calls `torchvision::nms`, which nothing has registered here."""
    path = folder / "needs_torchvision.pt"
    child = Path(__file__).with_name("save_with_nms.py")
    subprocess.run([sys.executable, "-P", "-W", "ignore", child, path], check=True)
    return path

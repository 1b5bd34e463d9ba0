"""Writes generated programs where users write theirs: files, notebook cells, archives."""

import linecache
import os
import sys
import types
import warnings
from pathlib import Path
from random import Random

import torch
from torch import nn

import tsviz
from tests.frontends.generated import GeneratedProgram, generate
from tests.frontends.oracle import Verdict, judge
from tsviz.frontends import Program

VIAS = ("script", "trace", "freeze", "optimize")


def check_program(seed: int, folder: Path, *, archives: bool = True) -> dict[str, Verdict]:
    """Generates one program and judges every variant of it.

    Args:
        seed: of the program; odd ones are written as a notebook cell, even ones as a file.
        folder: for files and archives.
        archives: also judge each scripted and traced variant after saving and opening it.

    Returns:
        Verdicts by variant, `archive script` and the like among them.
    """
    truth = generate(Random(seed))
    root, file = load_program(truth, folder, f"generated_{seed}", cell=seed % 2 == 1)
    inputs = (torch.rand(4),)
    verdicts: dict[str, Verdict] = {}
    for via in VIAS:
        program = tsviz.capture(root, inputs, via=via)
        recorded = via == "trace" or program.banner.startswith("traced")
        verdicts[via] = judge(truth, program, file, recorded=recorded)
        if archives and via in ("script", "trace"):
            opened = reopened(program, folder / f"{via}_{seed}.pt")
            verdicts[f"archive {via}"] = judge(truth, opened, file, recorded=recorded)
    return verdicts


def load_program(
    truth: GeneratedProgram, folder: Path, name: str, *, cell: bool
) -> tuple[nn.Module, str]:
    """The root module of a generated program, in eval mode, and the file name of its text."""
    text = truth.text
    if cell:
        file = str(folder / f"ipykernel_{os.getpid()}" / f"{abs(hash(name))}.py")
        linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
    else:
        file = str(folder / f"{name}.py")
        Path(file).write_text(text, encoding="utf-8")
    module = types.ModuleType(name)
    module.__file__ = file
    sys.modules[name] = module
    exec(compile(text, file, "exec"), module.__dict__)  # our own text
    with torch.random.fork_rng():
        torch.manual_seed(0)
        root: nn.Module = module.__dict__["Root"]().eval()
        for tensor in [*root.parameters(), *root.buffers()]:
            if tensor.is_floating_point():
                nn.init.uniform_(tensor, 0.5, 1.5)
    return root, file


def reopened(program: Program, path: Path) -> Program:
    """The program after saving and opening it, in this process."""
    native = program.get_native()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        torch.jit.save(native, path)
    return tsviz.open(path, trust=True)

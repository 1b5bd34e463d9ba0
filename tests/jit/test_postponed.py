"""Modules of PyTorch's that are imported only when something is asked of them."""

import subprocess
import sys

PREPARE = """
import sys
from tsviz.jit.postponed import OF_TORCH, postpone
postpone(*OF_TORCH)
import torch
before = set(sys.modules)
assert "torch._decomp.decompositions" not in before, "postponed in vain"
"""


def run(code: str) -> None:
    """Runs code in a new interpreter that has imported PyTorch with parts put off."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", PREPARE + code],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def test_an_attribute_brings_the_module():
    run("""
assert torch.export.Dim("n").__name__ == "n"
assert torch.export is sys.modules["torch.export"]
assert "torch.export.dynamic_shapes" in sys.modules
""")


def test_a_name_imported_from_it_brings_it():
    run("""
from torch._meta_registrations import activate_meta
assert callable(activate_meta)
assert "torch._decomp.decompositions" in sys.modules
""")


def test_a_module_inside_it_can_be_imported():
    run("""
import torch.export.exported_program
assert torch.export.exported_program.ExportedProgram
""")


def test_scripting_and_running_need_none_of_it():
    run("""
linear = torch.jit.script(torch.nn.Linear(3, 4))
assert linear(torch.ones(2, 3)).shape == (2, 4)
assert "torch._decomp.decompositions" not in sys.modules
""")


def test_what_has_been_imported_stays():
    run("""
import torch.nn
postpone("torch.nn")
assert sys.modules["torch.nn"] is torch.nn
""")

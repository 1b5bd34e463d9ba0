"""The double click is found in JupyterLab, moment by moment, and held against a kernel alone."""

from pathlib import Path

import pytest
import torch
from playwright.sync_api import Playwright

from benchmarks import lab_paint
from benchmarks.models import Pair


@pytest.mark.browser
def test_a_double_click_is_seen_from_the_click_to_the_picture(
    tmp_path: Path, playwright: Playwright, monkeypatch: pytest.MonkeyPatch
):
    for name, value in lab_paint.settings(tmp_path).items():
        monkeypatch.setenv(name, value)
    (tmp_path / "files").mkdir()
    model = torch.jit.trace(Pair(80).eval(), torch.zeros(2))
    model.save(tmp_path / "files" / lab_paint.FILE)
    run = lab_paint.measure(playwright, tmp_path, 1)
    moments = [run.moments[name][0] for name in lab_paint.MOMENTS]
    assert moments == sorted(moments)
    assert run.repeated == []
    for claim in lab_paint.claims(run):
        assert claim.values[0] > 0

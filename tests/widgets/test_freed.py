"""An explorer that is closed leaves memory, with the program that it showed."""

import gc
import weakref

import torch

import tsviz


def test_a_closed_explorer_is_kept_by_nothing():
    explorer = tsviz.explore(tsviz.capture(torch.nn.Linear(2, 2).eval(), (torch.ones(1, 2),)))
    explorer.bundle()
    kept = weakref.ref(explorer), weakref.ref(explorer.session)
    explorer.close()
    del explorer
    gc.collect()
    assert [reference() for reference in kept] == [None, None]

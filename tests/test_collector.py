"""The collector rests while it is held, and is afterwards as it was."""

import gc

import pytest

from tsviz.collector import collector_held


def test_it_rests_and_goes_on():
    with collector_held():
        assert not gc.isenabled()
    assert gc.isenabled()


def test_it_goes_on_after_an_error():
    with pytest.raises(KeyError), collector_held():
        raise KeyError
    assert gc.isenabled()


def test_what_the_user_switched_off_stays_off():
    gc.disable()
    try:
        with collector_held():
            assert not gc.isenabled()
        assert not gc.isenabled()
    finally:
        gc.enable()

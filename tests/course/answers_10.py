"""Reference answers of lesson 10, and what learners typically answer instead."""

import warnings

import torch
from torch import nn

import tsviz
from tests.course.answer import Slip
from tsviz.course.misconceptions import ANY_RUNTIME, FREEZE_IS_GRAD, JUST_WEIGHTS, LOADED_IS_EVAL
from tsviz.course.trying import frozen, scripted


def ship(model: nn.Module, path: str) -> None:
    scripted(model.eval()).save(path)


def ship_in_training_mode(model: nn.Module, path: str) -> None:
    scripted(model).save(path)


def ship_weights(model: nn.Module, path: str) -> None:
    torch.save(model.eval().state_dict(), path)


def deploy(model: nn.Module, path: str) -> None:
    frozen(model.eval()).save(path)


def deploy_without_gradients(model: nn.Module, path: str) -> None:
    model.requires_grad_(False)
    scripted(model.eval()).save(path)


def runs_code(path: str) -> bool:
    try:
        tsviz.open(path)
    except tsviz.TsvizError as error:
        return error.diagnostic.code == "TSV-A13"
    return False


def runs_code_never(path: str) -> bool:
    return False


def runs_code_when_loaded(path: str) -> bool:
    return "__setstate__" in str(torch.jit.load(path)._c._method_names())


def ship_mobile(model: nn.Module, path: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        scripted(model)._save_for_lite_interpreter(path)


def ship_frozen(model: nn.Module, path: str) -> None:
    frozen(model).save(path)


RIGHT = {
    "10.1": lambda: ship,
    "10.2": lambda: deploy,
    "10.3": lambda: runs_code,
    "10.4": lambda: ship_mobile,
}

WRONG = {
    "10.1": (
        Slip("the weights", lambda: ship_weights, JUST_WEIGHTS),
        Slip("in training mode", lambda: ship_in_training_mode, LOADED_IS_EVAL),
    ),
    "10.2": (
        Slip("not frozen", lambda: ship, FREEZE_IS_GRAD),
        Slip("no gradients", lambda: deploy_without_gradients, FREEZE_IS_GRAD),
    ),
    "10.3": (
        Slip("never", lambda: runs_code_never, JUST_WEIGHTS),
        Slip("loads it and looks", lambda: runs_code_when_loaded, JUST_WEIGHTS),
    ),
    "10.4": (
        Slip("a plain save", lambda: ship, ANY_RUNTIME),
        Slip("a frozen one", lambda: ship_frozen, ANY_RUNTIME),
    ),
}

"""What is asked of live TorchScript objects."""

import pytest
import torch
from torch import Tensor, nn

from tests.frontends import refused
from tests.models import ZOO
from tests.models.composition import ManyMethods
from tsviz.jit import natives


def test_telling_things_apart():
    module, scripted = refused.Relu(), torch.jit.script(refused.Relu())
    function = torch.jit.script(_double)
    kinds = (
        natives.is_module,
        natives.is_script_module,
        natives.is_script_function,
        natives.is_script_method,
        natives.is_compiled,
        natives.is_tensor,
    )
    table = {
        "module": module,
        "scripted": scripted,
        "function": function,
        "method": scripted.forward,
        "tensor": torch.ones(1),
        "nothing": None,
    }
    found = {name: [kind.__name__ for kind in kinds if kind(it)] for name, it in table.items()}
    assert found == {
        "module": ["is_module"],
        "scripted": ["is_module", "is_script_module", "is_compiled"],
        "function": ["is_script_function", "is_compiled"],
        "method": ["is_script_method"],
        "tensor": ["is_tensor"],
        "nothing": [],
    }


def _double(x: Tensor) -> Tensor:
    return x * 2


def test_titles():
    scripted = torch.jit.script(refused.TakesThree())
    assert natives.title_of(refused.TakesThree()) == "TakesThree"
    assert natives.title_of(scripted) == "TakesThree"
    assert natives.title_of(natives.owner_of(scripted.forward)) == "TakesThree"
    assert natives.title_of(_double) == "_double"
    assert natives.title_of(torch.jit.script(_double)) == "_double"
    assert natives.title_of(refused.make_closure(1)) == "shifted"
    assert natives.title_of(lambda: 0) == "<lambda>"
    assert natives.title_of(torch.relu) == "relu"
    traced = torch.jit.trace(refused.TakesThree().eval(), torch.ones(1, 3))
    assert natives.title_of(traced) == "TakesThree"


def test_method_names_start_with_forward():
    assert natives.method_names(ZOO["many-methods"].build())[0] == "forward"
    assert natives.method_names(refused.TakesThree()) == ()


def test_the_module_tree_in_declared_order():
    scripted = torch.jit.script(Tree())
    rows = list(natives.iter_modules(scripted))
    assert rows == [
        ("", "Tree", True),
        ("second", "Linear", True),
        ("first", "ModuleList", True),
        ("first.0", "ReLU", True),
        ("first.1", "Linear", True),
    ]
    assert not any(training for _, _, training in natives.iter_modules(scripted.eval()))


class Tree(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.second = nn.Linear(3, 3)
        self.first = nn.ModuleList([nn.ReLU(), self.second])

    def forward(self, x: Tensor) -> Tensor:
        for part in self.first:
            x = part(x)
        return x


def test_shared_tensors_are_listed_once():
    names = [(name, kind) for name, kind, _ in natives.iter_tensors(Tree())]
    assert names == [("second.weight", "parameter"), ("second.bias", "parameter")]


def test_constants_of_a_frozen_module_are_its_weights():
    frozen = torch.jit.freeze(torch.jit.script(refused.TakesThree().eval()))
    assert natives.is_frozen(frozen)
    assert not natives.is_frozen(torch.jit.script(refused.TakesThree()))
    found = [(name, kind, tuple(t.shape)) for name, kind, t in natives.iter_tensors(frozen)]
    assert sorted(found) == [
        ("linear.bias", "constant", (4,)),
        ("linear.weight", "constant", (4, 3)),
    ]


def test_signatures():
    scripted = torch.jit.script(ManyMethods().eval())
    for name in natives.method_names(scripted):
        eager = natives.find_signature(ManyMethods(), name)
        compiled = natives.find_signature(scripted, name)
        assert eager is not None
        assert compiled is not None
        assert list(eager.parameters) == list(compiled.parameters)
    function = natives.find_signature(torch.jit.script(_with_default), "")
    assert str(function) == "(x, times=3)"
    assert natives.find_signature(torch.relu, "") is None


def _with_default(x: Tensor, times: int = 3) -> Tensor:
    return x * times


@pytest.mark.parametrize("method", ["encode", "forward"])
def test_script_of_one_entry_point(method: str):
    class Encoder(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return x

        def encode(self, x: Tensor) -> Tensor:
            return x + 1

    compiled = natives.script(Encoder(), method)
    assert method in natives.method_names(compiled)


def test_copies_share_what_the_originals_share():
    model = refused.TakesThree()
    x = torch.ones(3)
    owner, args, kwargs = natives.copy_for_run(model, (x, model.linear.weight), {"again": x})
    assert isinstance(owner, refused.TakesThree)
    assert args[0] is kwargs["again"]
    assert args[0] is not x
    assert args[1] is owner.linear.weight
    assert owner.linear.weight is not model.linear.weight


def test_a_tensor_that_is_no_leaf_is_copied_with_its_need_of_gradients():
    x = torch.ones(3, requires_grad=True) * 2
    _, (copied,), _ = natives.copy_for_run(None, (x,), {})
    assert isinstance(copied, Tensor)
    assert (copied.requires_grad, copied.is_leaf) == (True, True)
    assert torch.equal(copied, x)


def test_random_state_comes_back():
    model = refused.TakesThree()
    before = torch.get_rng_state()
    with natives.preserved_random_state(model):
        torch.rand(3)
        assert not torch.equal(torch.get_rng_state(), before)
    assert torch.equal(torch.get_rng_state(), before)


def test_buffers_come_back():
    model, other = nn.BatchNorm1d(3), nn.BatchNorm1d(3)
    other.running_mean.add_(1)
    natives.restore_buffers(model, other)
    assert torch.equal(model.running_mean, torch.ones(3))
    natives.restore_buffers(model, nn.BatchNorm1d(5))
    assert torch.equal(model.running_mean, torch.ones(3))


def test_branches():
    assert natives.has_branches(torch.jit.script(Branches()))
    assert not natives.has_branches(torch.jit.script(refused.TakesThree().eval()))
    assert not natives.has_branches(torch.jit.script(nn.ModuleList([nn.ReLU()])))


class Branches(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x if x.sum() > 0 else -x


def test_half_made_types_are_forgotten_and_whole_ones_kept():
    whole = torch.jit.script(refused.TakesThree())
    with pytest.raises(RuntimeError, match="all inputs of range must be ints"):
        natives.script(refused.Untyped(), "forward")
    store = torch.jit._recursive.concrete_type_store.type_store
    assert store[refused.Untyped] == []
    again = natives.script(refused.TakesThree(), "forward")
    assert again._c._type() == whole._c._type()


@pytest.mark.parametrize("name", ["unet", "interface", "many-methods", "fork-each"])
def test_every_method_is_listed_once_and_read_when_asked(name: str):
    listed = list(natives.iter_method_graphs(ZOO[name].build()))
    names = [title for title, _ in listed]
    assert len(names) >= 1
    assert all(isinstance(read(), torch.Graph) for _, read in listed)
    assert all("." in title and not title.startswith("__torch__") for title in names)


def test_code():
    code = natives.code_of(torch.jit.script(refused.Relu()), "forward")
    assert code.splitlines()[0] == "def forward(self,"

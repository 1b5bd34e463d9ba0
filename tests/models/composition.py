"""Traced and scripted parts in one model, hooks, interfaces, more methods, and Python inside."""

import torch
from torch import Tensor, nn

# --- traced and scripted ---------------------------------------------------------------------


class Gate(nn.Module):
    """Has a branch, so it must be scripted to keep both sides."""

    def forward(self, x: Tensor) -> Tensor:
        if x.sum() > 0:
            return torch.relu(x)
        return torch.tanh(x)


class Mixer(nn.Module):
    """Has no branch, so it may be traced."""

    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(4, 4)

    def forward(self, x: Tensor) -> Tensor:
        return torch.sigmoid(self.linear(x)) + 1


class MixThenGate(nn.Module):
    """`gate` or `mixer`, or both, may have been compiled before."""

    def __init__(self, mixer: nn.Module, gate: nn.Module) -> None:
        super().__init__()
        self.mixer = mixer
        self.gate = gate

    def forward(self, x: Tensor) -> Tensor:
        return self.gate(self.mixer(x) - 1.5) * 2


def traced_with_scripted_part() -> torch.jit.ScriptModule:
    model = MixThenGate(Mixer(), torch.jit.script(Gate())).eval()
    return torch.jit.trace(model, torch.randn(2, 4))


def scripted_with_traced_part() -> torch.jit.ScriptModule:
    mixer = torch.jit.trace(Mixer(), torch.randn(2, 4))
    return torch.jit.script(MixThenGate(mixer, Gate()).eval())


@torch.jit.script_if_tracing
def clamp_where_large(x: Tensor) -> Tensor:
    for row in range(x.size(0)):
        if float(x[row].abs().max()) > 1.0:
            x = x.clamp(-1.0, 1.0)
    return x


class CallsScriptedFunction(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return clamp_where_large(x * 2) + 1


# --- hooks -----------------------------------------------------------------------------------


class Scale(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.factor = 3.0

    def forward(self, x: Tensor) -> Tensor:
        return x * self.factor


def shift_input(self: nn.Module, inputs: tuple[Tensor]) -> tuple[Tensor]:
    return (inputs[0] + 1,)


def clamp_output(self: nn.Module, inputs: tuple[Tensor], output: Tensor) -> Tensor:
    return output.clamp(max=5.0) + inputs[0].sum()


class Hooked(nn.Module):
    """Calls a submodule that has hooks; has hooks itself when made by `hooked`."""

    def __init__(self) -> None:
        super().__init__()
        self.scale = Scale()

    def forward(self, x: Tensor) -> Tensor:
        return self.scale(x) - 1


def hooked() -> Hooked:
    model = Hooked()
    for module in (model, model.scale):
        module.register_forward_pre_hook(shift_input)
        module.register_forward_hook(clamp_output)
    return model


# --- interfaces ------------------------------------------------------------------------------


@torch.jit.interface
class Activation(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        pass


class Relu(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(x)


class Swish(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.slope = 1.5

    def forward(self, x: Tensor) -> Tensor:
        return x * torch.sigmoid(x * self.slope)


class CallsInterface(nn.Module):
    """Which module `activation` is, is decided at run time."""

    activation: Activation

    def __init__(self) -> None:
        super().__init__()
        self.relu = Relu()
        self.swish = Swish()
        self.activation = self.swish

    def forward(self, x: Tensor) -> Tensor:
        return self.activation.forward(x) + self.relu(x)


# --- several methods -------------------------------------------------------------------------


class ManyMethods(nn.Module):
    """`forward` and two exported methods; `encode` is called by both others."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder = nn.Linear(4, 2)
        self.decoder = nn.Linear(2, 4)

    @torch.jit.export
    def encode(self, x: Tensor) -> Tensor:
        return torch.tanh(self.encoder(x))

    @torch.jit.export
    def decode(self, code: Tensor, sharpness: float) -> Tensor:
        return self.decoder(code) * sharpness

    def forward(self, x: Tensor) -> Tensor:
        return self.decode(self.encode(x), 1.0)


class OnlyExported(nn.Module):
    """Has no `forward` at all."""

    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(3, 1)

    @torch.jit.export
    def score(self, x: Tensor) -> Tensor:
        return self.linear(x)


# --- Python inside ---------------------------------------------------------------------------


class CallsPython(nn.Module):
    """An ignored method stays Python: the graph calls back into the interpreter."""

    @torch.jit.ignore
    def look_up(self, x: Tensor) -> Tensor:
        return torch.from_numpy(x.numpy() + 1)

    def forward(self, x: Tensor) -> Tensor:
        return self.look_up(torch.relu(x)) * 2


class Straight(torch.autograd.Function):
    """Rounds; its gradient is that of the identity."""

    @staticmethod
    def forward(ctx: torch.autograd.function.FunctionCtx, x: Tensor, step: float) -> Tensor:
        return torch.round(x / step) * step

    @staticmethod
    def backward(
        ctx: torch.autograd.function.FunctionCtx, *gradients: Tensor
    ) -> tuple[Tensor, None]:
        return gradients[0], None


class CallsAutogradFunction(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return Straight.apply(torch.tanh(x), 0.25) + 1

"""Models whose trace is right: what depends on data is a tensor, what is Python is a setting."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from tests.models.convolution import ResidualBlock


class Perceptron(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(6, 12), nn.GELU(), nn.Dropout(0.3), nn.LayerNorm(12), nn.Linear(12, 3)
        )

    def forward(self, x: Tensor) -> Tensor:
        return self.layers(x).log_softmax(-1)


class ResidualTower(nn.Module):
    def __init__(self, depth: int = 4) -> None:
        super().__init__()
        self.norms = nn.ModuleList([nn.LayerNorm(6) for _ in range(depth)])
        self.layers = nn.ModuleList([nn.Linear(6, 6) for _ in range(depth)])

    def forward(self, x: Tensor) -> Tensor:
        for norm, layer in zip(self.norms, self.layers, strict=True):
            x = x + F.silu(layer(norm(x)))
        return x


class Autoencoder(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.encode = nn.Sequential(nn.Conv1d(1, 4, 3, 2, 1), nn.ReLU(), nn.Conv1d(4, 2, 3, 2, 1))
        self.decode = nn.Sequential(
            nn.ConvTranspose1d(2, 4, 4, 2, 1), nn.ReLU(), nn.ConvTranspose1d(4, 1, 4, 2, 1)
        )

    def forward(self, signal: Tensor) -> tuple[Tensor, Tensor]:
        code = self.encode(signal)
        return self.decode(code), code


class MobileBlock(nn.Module):
    """Depthwise convolutions, squeeze and excitation, and pooling to one number a channel."""

    def __init__(self) -> None:
        super().__init__()
        self.depthwise = nn.Conv2d(4, 4, 3, padding=1, groups=4, bias=False)
        self.norm = nn.BatchNorm2d(4)
        self.squeeze = nn.Conv2d(4, 2, 1)
        self.excite = nn.Conv2d(2, 4, 1)
        self.classify = nn.Linear(4, 3)

    def forward(self, picture: Tensor) -> Tensor:
        x = F.hardswish(self.norm(self.depthwise(picture)))
        weights = x.mean((2, 3), keepdim=True)
        weights = torch.sigmoid(self.excite(F.relu(self.squeeze(weights))))
        return self.classify(F.adaptive_avg_pool2d(x * weights, 1).flatten(1))


class ResizingUNet(nn.Module):
    """Pictures of any size: what is scaled up takes its size from what it is added to."""

    def __init__(self) -> None:
        super().__init__()
        self.enter = nn.Conv2d(1, 4, 3, padding=1)
        self.down = nn.ModuleList([nn.Conv2d(4, 4, 3, 2, 1), nn.Conv2d(4, 4, 3, 2, 1)])
        self.up = nn.ModuleList([ResidualBlock(4), ResidualBlock(4)])
        self.leave = nn.Conv2d(4, 1, 1)

    def forward(self, picture: Tensor) -> Tensor:
        x = self.enter(picture)
        skipped = []
        for down in self.down:
            skipped.append(x)
            x = F.relu(down(x))
        for up, skip in zip(self.up, reversed(skipped), strict=True):
            x = up(F.interpolate(x, size=skip.shape[2:], mode="nearest") + skip)
        return self.leave(x)


class CausalTower(nn.Module):
    """A WaveNet of dilated convolutions, padded on the left."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.ModuleList([nn.Conv1d(2, 4, 2, dilation=2**i) for i in range(3)])

    def forward(self, signal: Tensor) -> Tensor:
        for number, layer in enumerate(self.layers):
            value, gate = layer(F.pad(signal, (2**number, 0))).chunk(2, 1)
            signal = signal + torch.tanh(value) * torch.sigmoid(gate)
        return signal


class SequenceClassifier(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(12, 5)
        self.lstm = nn.LSTM(5, 6, num_layers=2, batch_first=True, dropout=0.2, bidirectional=True)
        self.classify = nn.Linear(12, 3)

    def forward(self, tokens: Tensor) -> Tensor:
        states, (_, _) = self.lstm(self.embedding(tokens))
        return self.classify(states.amax(1))


class StatefulGRU(nn.Module):
    """Its first state is made by the size of the batch; the last one is given back."""

    def __init__(self) -> None:
        super().__init__()
        self.gru = nn.GRU(3, 4, batch_first=True)

    def forward(self, sequence: Tensor) -> tuple[Tensor, Tensor]:
        start = torch.zeros(1, sequence.size(0), 4)
        return self.gru(sequence, start)


class PackedGRU(nn.Module):
    """Packs sentences of different lengths, and pads what comes out to the longest."""

    def __init__(self) -> None:
        super().__init__()
        self.gru = nn.GRU(3, 4, batch_first=True)

    def forward(self, sequence: Tensor, lengths: Tensor) -> Tensor:
        packed = pack_padded_sequence(sequence, lengths, batch_first=True, enforce_sorted=False)
        states, _ = self.gru(packed)
        padded, _ = pad_packed_sequence(states, batch_first=True)
        return padded


class LengthMaskedMean(nn.Module):
    def forward(self, sequence: Tensor, lengths: Tensor) -> Tensor:
        mask = torch.arange(sequence.size(1)) < lengths.unsqueeze(1)
        total = (sequence * mask.unsqueeze(-1)).sum(1)
        return total / lengths.unsqueeze(1)


class CausalAttention(nn.Module):
    """The heads are a setting, everything else is a size that is recorded."""

    def __init__(self, heads: int = 2) -> None:
        super().__init__()
        self.heads = heads
        self.project = nn.Linear(4, 12)

    def forward(self, x: Tensor) -> Tensor:
        batch, length, width = x.shape
        query, key, value = (
            part.view(batch, length, self.heads, width // self.heads).transpose(1, 2)
            for part in self.project(x).chunk(3, -1)
        )
        scores = query @ key.mT / (width // self.heads) ** 0.5
        mask = torch.ones(length, length).tril() == 0
        scores = scores.masked_fill(mask, float("-inf")).softmax(-1)
        return (scores @ value).transpose(1, 2).reshape(batch, length, width)


class PaddedAttention(nn.Module):
    """PyTorch's own attention with a mask for the padding."""

    def __init__(self) -> None:
        super().__init__()
        self.attention = nn.MultiheadAttention(4, 2, batch_first=True)

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        padding = torch.arange(x.size(1)) >= lengths.unsqueeze(1)
        mixed, _ = self.attention(x, x, x, key_padding_mask=padding)
        return mixed


class EncoderLayer(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.TransformerEncoderLayer(8, 2, 16, norm_first=True, batch_first=True)

    def forward(self, x: Tensor) -> Tensor:
        return self.layer(x)


class EncoderDecoder(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.decoder = nn.TransformerDecoderLayer(8, 2, 16, batch_first=True)

    def forward(self, x: Tensor, memory: Tensor) -> Tensor:
        return self.decoder(x, memory)


class Positions(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(10, 4)
        self.register_buffer("table", torch.randn(16, 4))

    def forward(self, tokens: Tensor) -> Tensor:
        return self.embedding(tokens) + self.table[: tokens.size(1)]


class Configured(nn.Module):
    """All its branches, and an assertion, are on settings."""

    def __init__(self, use_bias: bool = True, activation: str = "tanh", steps: int = 3) -> None:
        super().__init__()
        self.activation = activation
        self.steps = steps
        self.weight = nn.Parameter(torch.randn(4, 4))
        self.bias = nn.Parameter(torch.randn(4)) if use_bias else None

    def forward(self, x: Tensor) -> Tensor:
        assert self.steps > 0
        for step in range(self.steps):
            x = x @ self.weight
            if self.bias is not None:
                x = x + self.bias
            x = torch.tanh(x) if self.activation == "tanh" else torch.relu(x)
            if step % 2 == 1:
                x = x * 0.5
        if self.training:
            x = F.dropout(x, 0.1)
        return x


class BranchByWhere(nn.Module):
    """A branch on values, done with tensors."""

    def forward(self, x: Tensor) -> Tensor:
        norm = x.norm(dim=-1, keepdim=True)
        clipped = torch.where(norm > 2.0, x * (2.0 / norm), x)
        return torch.where(x.mean() > 0, clipped, -clipped)


class DenseExperts(nn.Module):
    """All experts run, and their weights are tensors."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = nn.Linear(4, 3)
        self.experts = nn.ModuleList([nn.Linear(4, 4) for _ in range(3)])

    def forward(self, x: Tensor) -> Tensor:
        weights = self.gate(x).softmax(-1)
        outputs = torch.stack([expert(x) for expert in self.experts], -1)
        return (outputs * weights.unsqueeze(-2)).sum(-1)


class GraphLayer(nn.Module):
    """Adds up the messages of the neighbours; any number of nodes and edges."""

    def __init__(self) -> None:
        super().__init__()
        self.message = nn.Linear(3, 3)

    def forward(self, nodes: Tensor, edges: Tensor) -> Tensor:
        sources, targets = edges[:, 0], edges[:, 1]
        messages = self.message(nodes)[sources]
        degrees = torch.zeros(nodes.size(0)).index_add(0, targets, torch.ones_like(messages[:, 0]))
        summed = torch.zeros_like(nodes).index_add(0, targets, messages)
        return summed / degrees.clamp(min=1).unsqueeze(-1)


class Normalizes(nn.Module):
    """By statistics that were stored, and a size that is divided by as a tensor."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("mean", torch.randn(4))
        self.register_buffer("spread", torch.rand(4) + 0.5)

    def forward(self, x: Tensor) -> Tensor:
        x = (x - self.mean) / self.spread
        return x.sum(1) / x.size(1) ** 0.5


class Retrieval(nn.Module):
    """Chooses with `topk`, `gather` and `argmax`, whose results stay tensors."""

    def forward(self, query: Tensor, keys: Tensor) -> tuple[Tensor, Tensor]:
        scores = -torch.cdist(query, keys)
        best, where = scores.topk(2, dim=-1)
        chosen = keys[where]
        return (chosen * best.softmax(-1).unsqueeze(-1)).sum(1), scores.argmax(-1)


class InPlace(nn.Module):
    """Writes to slices of its own copy, their bounds being recorded sizes."""

    def forward(self, signal: Tensor) -> Tensor:
        faded = signal.clone()
        faded[:, : signal.size(1) // 2] *= 0.5
        faded[:, -1] = 0
        faded[faded > 1] = 1
        return faded


class Patches(nn.Module):
    """Cuts a picture into patches of a fixed size and folds them to a sequence."""

    def __init__(self, side: int = 2) -> None:
        super().__init__()
        self.side = side
        self.project = nn.Linear(side * side, 5)

    def forward(self, picture: Tensor) -> Tensor:
        patches = picture.unfold(1, self.side, self.side).unfold(2, self.side, self.side)
        batch, rows, columns = patches.shape[:3]
        flat = patches.reshape(batch, rows * columns, self.side**2)
        return self.project(flat)


class Pyramid(nn.Module):
    """Takes a list of tensors."""

    def __init__(self) -> None:
        super().__init__()
        self.lateral = nn.ModuleList([nn.Conv1d(2, 3, 1) for _ in range(2)])

    def forward(self, levels: list[Tensor]) -> Tensor:
        fine, coarse = (layer(level) for layer, level in zip(self.lateral, levels, strict=True))
        return fine + F.interpolate(coarse, size=fine.shape[-1:])


class Spectrum(nn.Module):
    def forward(self, signal: Tensor) -> Tensor:
        frequencies = torch.fft.rfft(signal, dim=-1)
        power = frequencies.abs().square()
        return power / power.sum(-1, keepdim=True).clamp(min=1e-3)


class Upsampler(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.widen = nn.Conv2d(1, 4, 3, padding=1)
        self.shuffle = nn.PixelShuffle(2)

    def forward(self, picture: Tensor) -> Tensor:
        large = self.shuffle(self.widen(picture))
        return large + F.interpolate(picture, scale_factor=2.0, mode="bilinear")

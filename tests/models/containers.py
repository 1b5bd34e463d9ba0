"""Python's lists, dictionaries, tuples and numbers."""

import torch
from torch import Tensor, nn


class ListEdits(nn.Module):
    def forward(self, x: Tensor) -> tuple[list[int], list[int], int, Tensor]:
        products = [left * right for left, right in zip([1, 2, 3], [4, 5, 6])]  # noqa: B905
        products.sort(reverse=True)
        products.reverse()
        products.insert(0, 9)
        products.pop()
        products.extend([1, 2])
        products[0] = 7
        weighted = 0
        for place, product in enumerate(products):
            weighted += place * product
        return products[1:3], sorted(products), weighted + min(products), x[1:3, None, ..., 0]


class DictionaryEdits(nn.Module):
    def forward(self, count: int) -> tuple[list[str], list[int], int, int]:
        numbers: dict[str, int] = {}
        for number in range(count):
            numbers["k%d" % number] = number  # noqa: UP031
        total = 0
        for _, number in numbers.items():
            total += number
        if "k1" in numbers:
            total -= numbers["k1"]
        del numbers["k0"]
        names = [name for name in numbers.keys()]  # noqa: C416, SIM118
        return names, list(numbers.values()), total + numbers.get("missing", 5), len(numbers)


class DictionaryOfTensors(nn.Module):
    def forward(self, x: dict[str, Tensor]) -> dict[str, list[Tensor]]:
        results: dict[str, list[Tensor]] = {"sums": [], "means": []}
        for name, value in x.items():
            results["sums"].append(value.sum())
            if name.startswith("m"):
                results["means"].append(value.mean())
        return results


class Arithmetic(nn.Module):
    def forward(
        self, whole: int, real: float
    ) -> tuple[list[int], list[float], bool, complex, tuple[int, int, int]]:
        wholes = [
            whole // 2,
            whole % 3,
            -whole // 2,
            abs(-whole),
            max(2, whole),
            whole << 2,
            whole ^ 5,
        ]
        reals = [
            round(real),
            real / 2,
            real**2,
            float("inf"),
            -float("inf"),
            float("nan"),
            2**whole,
            1e-45,
        ]
        several = divmod(whole, 2) + (3,)  # noqa: RUF005
        return wholes, reals, 1 < whole <= 9, complex(real, 2.0), several


class TensorFactories(nn.Module):
    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor, list[float], list[int], bool]:
        counted = torch.arange(5, dtype=x.dtype, device=x.device)
        filled = torch.full((2, 3), 1.5).to(torch.float64)
        listed = torch.tensor([1, 2, 3])
        with torch.no_grad():
            filled = filled + 1
        print("shape", x.shape)  # noqa: T201
        best = torch.topk(counted, 2)
        chosen = torch.where(counted > 2, counted, -counted) + best[0].sum() + best.indices.sum()
        stacked = torch.stack([chosen, counted]).sum(dim=0, keepdim=True)
        gram: list[float] = torch.einsum("ij,kj->ik", x, x).flatten().tolist()
        return stacked, filled, listed, gram, x.t().size(), x.is_cuda


class Attributes(nn.Module):
    """Attributes of every kind that can be saved; freezing turns them into constants."""

    table: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("table", torch.arange(6.0).view(2, 3))
        self.register_buffer("scratch", torch.zeros(3), persistent=False)
        self.sizes = [2, 3]
        self.names = {"first": 1, "second": 2}
        self.pair = (torch.ones(3), "one")
        self.nothing = torch.jit.Attribute(None, Tensor | None)
        self.place = torch.device("cpu")
        self.kind = torch.float64
        self.switch = True
        self.rate = 0.1

    def forward(self, x: Tensor) -> tuple[Tensor, list[int], dict[str, int], str]:
        moved = (x + self.table.sum(0)).to(device=self.place, dtype=self.kind)
        if self.switch and self.nothing is None:
            moved = moved * self.rate + self.pair[0] + self.scratch
        return moved, self.sizes, self.names, self.pair[1]

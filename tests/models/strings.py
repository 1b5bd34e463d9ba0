"""Strings, and constants whose text is hard to print and to read back."""

import torch
from torch import Tensor, nn


class StringMethods(nn.Module):
    def forward(self, text: str) -> tuple[str, str, str, list[int], str]:
        parts: list[str] = []
        for word in text.split(" "):
            if word.startswith("a"):
                parts.append(word.upper())
            else:
                parts.append(f"<{word}:{len(word)}>")
        numbers = [text.find("b"), int("12") + 1, ord("a"), len(str(3.5))]
        return " ".join(parts), text[1:4], text.replace("a", "b"), numbers, text[0]


class AwkwardConstants(nn.Module):
    """Text that looks like IR, like HTML, or like the end of a literal; numbers without digits."""

    def forward(self, x: Tensor) -> tuple[Tensor, list[str], list[float], complex, list[bool]]:
        texts = [
            "",
            'a "quoted" word and a \\ backslash',
            "two\nlines\tand a tab\t and a bell \a and an escape \x1b[31m",
            "%3 : Tensor = aten::relu(%x)",
            "# not/a/file.py:12:3",
            "} ] ) -> (%7)",
            "<script>alert('in a string')</script>",
            "grün, 日本語, 🙂",
            "\\303\\274 is not an umlaut",
        ]
        numbers = [float("inf"), float("-inf"), float("nan"), 1.0, -0.0, 1e300, 5e-324, 0.1]
        return x + float("inf"), texts, numbers, 1.5 + 2j, [True, False]


class CarriageReturn(nn.Module):
    def forward(self, x: Tensor) -> tuple[Tensor, str]:
        return x, "two lines\r\nas on Windows"


class AwkwardNames(nn.Module):
    """Names of modules and buffers, which become names of values."""

    def __init__(self) -> None:
        super().__init__()
        self.add_module("<script>alert('module')</script>", nn.Linear(2, 2))
        self.add_module("half size", nn.Linear(2, 2))
        self.add_module("conv/1", nn.Linear(2, 2))
        self.add_module("größe", nn.Linear(2, 2))
        self.add_module("1", nn.Linear(2, 2))
        self.register_buffer("<img src=x onerror=alert('buffer')>", torch.ones(2))

    def forward(self, x: Tensor) -> Tensor:
        for child in self.children():
            x = child(x)
        for buffer in self.buffers():
            x = x + buffer
        return x

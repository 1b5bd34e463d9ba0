"""Functions with every kind of control flow; pytest does not rewrite their `assert`s."""

import torch


def every_kind(x: torch.Tensor) -> torch.Tensor:
    count = 3
    assert x.dim() == 1, "rows"
    if count > 2:
        x = x + 1
    for step in (1, -1, 1):
        if step > 0:
            x = x * 2
    while count > 0:
        count -= 1
    parts = [x * part for part in range(4)]
    x = x + 1 if count else x
    try:
        x = x + len(parts)
    except ValueError:
        x = x * 2
    match count:
        case 1:
            x = x + 1
        case 0:
            x = x + 2
    if count == 0 or count == 9:
        return x
    for unseen in range(2):
        x = x + unseen
    return x


def looping(x: torch.Tensor) -> torch.Tensor:
    for turn in range(6):
        for inner in range(turn):
            x = x + inner
        left = turn
        while left > 0:
            left -= 1
            if left == 3:
                break
    return x

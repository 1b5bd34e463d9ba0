"""Passes that take away what is not needed and write the rest more simply."""

import torch
from torch import Tensor

from tsviz.passes.lessons.running import Lesson


def count_rows(table: Tensor) -> int:
    sizes = [table.size(0), table.size(1)]
    return sizes[0]


def scale_and_shift(x: Tensor) -> Tensor:
    scale = torch.sigmoid(x + 1)
    shift = torch.sigmoid(x + 1)
    return x * scale + shift


def there_and_back(x: Tensor) -> Tensor:
    y = x.t().t()
    z = y * 1
    return z + x.size(0)


def area(height: int, width: int) -> int:
    sizes = [height, width]
    return sizes[0] * sizes[1] + len(sizes)


def double_if_two(x: Tensor, times: int) -> Tensor:
    if times == 2:
        x = x * times
    return x


def checked_double(x: Tensor) -> Tensor:
    assert x.size(0) > 0, "expected a row"
    return x * 2


def _matrix() -> tuple[Tensor]:
    return (torch.ones(2, 3),)


LESSONS = (
    Lesson(
        "dce",
        count_rows,
        "table.size(1)",
        (
            "`sizes[0]` is read straight from the table, so the list and the number of columns are "
            "computed for nobody, and go.",
            "A line whose nodes are all gone does not run any more: there is nothing to measure or "
            "to stop at.",
            "Scripting leaves unused lines out by itself; dead nodes are mostly what other passes "
            "leave behind. What may raise or print stays.",
        ),
        _matrix,
        prepare=("peephole_list_idioms",),
    ),
    Lesson(
        "cse",
        scale_and_shift,
        "torch.sigmoid(x + 1)",
        (
            "`torch.sigmoid(x + 1)` is computed once, for both lines.",
            "The nodes that stay have the first of the two lines: look there for the cost of both.",
            "Random ops are never shared, nor what is changed in place.",
        ),
        _matrix,
    ),
    Lesson(
        "peephole",
        there_and_back,
        "x.t().t()",
        (
            "The two transposes and the multiplication by 1 are gone; `x.size(0)` is a constant, "
            "as the shape of the example was written into the types before.",
            "The lines of what was bypassed have no node any more: who used it takes `x` itself.",
            "Without known shapes `x.size(0)` stays.",
        ),
        _matrix,
        prepare=("complete_shape_analysis",),
    ),
    Lesson(
        "peephole_list_idioms",
        area,
        "len(sizes)",
        (
            "The list is known when it is compiled: `len` is 2, and each index gives what was put "
            "in.",
            "The list itself is still built; `dce` takes it away where nothing else reads it.",
            "After an `append` the length is taken for unknown; `remove_mutation` helps.",
        ),
        lambda: (2, 3),
    ),
    Lesson(
        "integer_value_refinement",
        double_if_two,
        "x * times",
        (
            "Inside the branch `times` can only be 2, so the multiplication takes the constant.",
            "The branch itself stays: outside of it nothing is known.",
        ),
        lambda: (torch.ones(2), 2),
    ),
    Lesson(
        "canonicalize",
        there_and_back,
        "y * 1",
        (
            "Values without a name of yours are numbered anew, in the order of the graph.",
            "Use it before you compare two graphs as texts. `tsviz.diff` needs none of it.",
        ),
        _matrix,
        prepare=("peephole",),
        unseen="no node changes, only the numbers of values: compare the two texts",
    ),
    Lesson(
        "lint",
        scale_and_shift,
        "torch.sigmoid(x + 1)",
        (
            "It checks that every value is defined before it is used, and that blocks and types "
            "fit together; where they do not, it raises.",
            "tsviz runs it after every pass of a pipeline of yours; a step's card says what it "
            "found.",
        ),
        _matrix,
        unseen="it checks the graph and changes nothing",
    ),
    Lesson(
        "dce_allow_deleting_nodes_with_side_effects",
        checked_double,
        'assert x.size(0) > 0, "expected a row"',
        (
            "The check is gone: its result is used by nothing, and its effect does not count here.",
            "The same happens to `print` and to every other check, so an empty input is no longer "
            "refused. No pipeline of PyTorch's own executor does this.",
        ),
        _matrix,
    ),
)

"""`%tsdebug` and `%%tsdebug` as IPython knows them.

What answers is imported when the magic is first used, so that a kernel starts as fast with the
extension as without.
"""

from typing import TYPE_CHECKING, Any, cast

from IPython.core.magic import (
    Magics,
    line_cell_magic,
    magics_class,
    no_var_expand,
    output_can_be_silenced,
)

from tsviz.magic.cells import Cells

if TYPE_CHECKING:
    from tsviz.magic.answering import Shown
    from tsviz.magic.shell import Shell


@magics_class
class TsvizMagics(Magics):
    """The magic."""

    def __init__(self, shell: "Shell", cells: Cells) -> None:
        super().__init__(cast("Any", shell))
        self._shell = shell
        self._cells = cells

    @no_var_expand
    @output_can_be_silenced
    @line_cell_magic
    def tsdebug(self, line: str, cell: str | None = None) -> "Shown | None":
        """See what PyTorch really runs; `%tsdebug --help` shows how to ask."""
        from tsviz.magic.answering import answer_cell, answer_line

        if cell is None:
            return answer_line(self._shell, self._cells, line)
        return answer_cell(self._shell, self._cells, line, cell)


def _help() -> str:
    from tsviz.magic.help import HELP

    return HELP


cast("Any", TsvizMagics.tsdebug).getdoc = _help  # IPython asks this first for `%tsdebug?`

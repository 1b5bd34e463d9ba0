"""The passes that PyTorch binds, each with a sentence: what a pipeline can be put together from.

Those called safe ran alone on every small model of the tests, and `lint` and the verifier found
nothing. What is left out needs more than a graph, serves another backend or export to ONNX, or
failed there.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tsviz.display import renderer

if TYPE_CHECKING:
    import pandas

    from tsviz.passes.lessons import Lesson


@dataclass(frozen=True, slots=True)
class PassInfo:
    """One pass of PyTorch's.

    Attributes:
        name: as it is written in a pipeline.
        summary: what it does, in a sentence.
        safe: whether it leaves a sound graph that computes the same.
        needs_inputs: whether it needs example inputs.
        changes_semantics: whether the graph may compute something else afterwards.
        arguments: what it is called with after the graph.
    """

    name: str
    summary: str
    safe: bool = True
    needs_inputs: bool = False
    changes_semantics: bool = False
    arguments: tuple[bool, ...] = ()

    @property
    def lesson(self) -> "Lesson":
        """A few lines of Python, and the pass at work on them; prints as a page."""
        return renderer("lesson")(self.name)

    @property
    def marks(self) -> str:
        """What has to be known before it is used, in words, "" if nothing."""
        words = (
            "" if self.safe else "not safe",
            "needs inputs" if self.needs_inputs else "",
            "changes what is computed" if self.changes_semantics else "",
        )
        return ", ".join(filter(None, words))


_LESSONS = "tsviz.passes.lesson(NAME) shows one at work on a few lines of Python"


class Catalog(Mapping[str, PassInfo]):
    """The passes by name; prints as a table."""

    def __init__(self, passes: tuple[PassInfo, ...]) -> None:
        self._passes = {known.name: known for known in passes}

    def __getitem__(self, name: str) -> PassInfo:
        return self._passes[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._passes)

    def __len__(self) -> int:
        return len(self._passes)

    def to_dataframe(self) -> "pandas.DataFrame":
        """One row a pass."""
        return renderer("catalog_dataframe")(self)

    def __repr__(self) -> str:
        width = max(map(len, self._passes))
        rows = (
            f"{one.name:<{width}}  {f'[{one.marks}] ' * bool(one.marks)}{one.summary}"
            for one in self.values()
        )
        return "\n".join((*rows, "", _LESSONS))

    def _repr_html_(self) -> str:
        table = self.to_dataframe().to_html(index=False, escape=True)
        return f"{table}<p>{_LESSONS}</p>"


def _unsafe(name: str, summary: str, *, changes: bool = False) -> PassInfo:
    return PassInfo(name, summary, safe=False, changes_semantics=changes)


catalog = Catalog(
    (
        PassInfo(
            "inline", "Puts the bodies of called methods and functions in place of the calls."
        ),
        PassInfo("inline_fork_wait", "Runs forked work in place: `fork` becomes its body."),
        PassInfo("inline_functional_graphs", "Puts functional groups back into the graph."),
        PassInfo("dce", "Takes away nodes whose results nothing uses and that have no effects."),
        PassInfo("cse", "Keeps one of several equal nodes with equal inputs."),
        PassInfo(
            "constant_propagation", "Runs nodes whose inputs are constants, and keeps the result."
        ),
        PassInfo(
            "constant_propagation_immutable_types",
            "Runs nodes on constants that nothing can change: numbers, strings and tuples.",
        ),
        PassInfo("constant_pooling", "Keeps one of several equal constants, at the front."),
        PassInfo(
            "peephole",
            "Rewrites small patterns: double transposes, additions of zero, known sizes.",
            arguments=(False,),
        ),
        PassInfo(
            "peephole_list_idioms",
            "Rewrites lists of known length: `len`, indices and slices become their results.",
            arguments=(False,),
        ),
        PassInfo("canonicalize", "Numbers all values anew in the order of the graph."),
        PassInfo(
            "canonicalize_graph_fuser_ops",
            "Writes chunks and comparisons in the form the fuser reads.",
        ),
        PassInfo(
            "decompose_ops", "Writes ops such as layer norm out in simpler ones, where sizes allow."
        ),
        PassInfo("run_decompositions", "Writes ops out by PyTorch's registered decompositions."),
        PassInfo(
            "loop_unrolling", "Unrolls short loops: whole where the count is known, else by eight."
        ),
        PassInfo("constant_loop_unrolling", "Unrolls loops whose count is a constant."),
        PassInfo("batch_mm", "Joins multiplications with one matrix in common into a batch."),
        PassInfo("fuse_addmm", "Joins a product of matrices and an addition into `addmm`."),
        PassInfo("fuse_linear", "Joins a product with a transposed weight into `linear`."),
        PassInfo("fuse_add_relu", "Joins an addition and a `relu`."),
        PassInfo(
            "fuse",
            "Puts nodes that can run as one kernel into a fusion group (old fuser).",
            arguments=(True,),
        ),
        PassInfo(
            "fuse_tensorexprs", "Puts nodes that can run as one kernel into a TensorExpr group."
        ),
        PassInfo("quant_fusion", "Joins dequantising, an op and quantising into a quantised op."),
        PassInfo("remove_expands", "Takes away `expand` where broadcasting does the same."),
        PassInfo("remove_mutation", "Replaces changes in place where nobody else sees them."),
        PassInfo(
            "inplace_to_functional_activation",
            "Lets activations in place (`relu_`) yield new tensors instead.",
        ),
        PassInfo("autocast", "Inserts the casts that `torch.autocast` asks for."),
        PassInfo(
            "specialize_autogradzero", "Simplifies what adds gradients that are known to be zero."
        ),
        PassInfo("erase_shape_information", "Forgets shapes, dtypes and devices in the types."),
        PassInfo("propagate_device", "Writes known devices into the types."),
        PassInfo(
            "integer_value_refinement",
            "Replaces integers that a branch has compared by their value.",
        ),
        PassInfo("lint", "Checks the graph and changes nothing."),
        PassInfo(
            "fold_frozen_conv_bn",
            "Folds batch norm into the convolution before it (frozen graphs).",
        ),
        PassInfo(
            "fold_frozen_conv_add_or_sub",
            "Folds adding a constant into a convolution (frozen graphs).",
        ),
        PassInfo(
            "fold_frozen_conv_mul_or_div", "Folds scaling into a convolution (frozen graphs)."
        ),
        PassInfo("fold_frozen_linear_bn", "Folds batch norm into a linear layer (frozen graphs)."),
        PassInfo(
            "concat_frozen_linear",
            "Joins linear layers of one input into one (frozen graphs, CUDA).",
        ),
        PassInfo(
            "fuse_frozen_conv_add_relu",
            "Joins convolution, addition and `relu` (frozen graphs, CUDA).",
        ),
        PassInfo(
            "transpose_frozen_linear",
            "Stores transposed weights for linear layers (frozen graphs).",
        ),
        PassInfo(
            "convert_frozen_ops_to_mkldnn", "Runs ops in MKL-DNN's own layout (frozen graphs)."
        ),
        PassInfo(
            "optimize_frozen_graph",
            "All folds for frozen graphs, until nothing changes.",
            arguments=(True,),
        ),
        _unsafe(
            "lower_all_tuples",
            "Replaces tuples by their parts, in what the graph takes and returns, too.",
            changes=True,
        ),
        _unsafe(
            "functional_to_inplace_activation", "Lets activations overwrite what nobody else reads."
        ),
        _unsafe("create_functional_graphs", "Moves what has no effects into groups."),
        _unsafe(
            "create_autodiff_subgraphs",
            "Moves what can be differentiated into groups; cannot run after that.",
        ),
        _unsafe(
            "remove_inplace_ops",
            "Replaces all changes in place, seen by others or not.",
            changes=True,
        ),
        _unsafe("erase_number_types", "Turns numbers into tensors.", changes=True),
        _unsafe(
            "dce_allow_deleting_nodes_with_side_effects",
            "Takes away unused nodes, those with effects included.",
            changes=True,
        ),
        PassInfo(
            "complete_shape_analysis",
            "Writes the shapes of the example inputs into all types.",
            safe=False,
            needs_inputs=True,
        ),
    )
)
"""Every pass that a pipeline may name."""

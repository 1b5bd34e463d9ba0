"""What the passes of a recorded pipeline do, a sentence each.

The executor's log has names of its own; those that a pipeline of the user's could name, too, have
their sentence in the catalogue.
"""

from tsviz.passes.catalogue import catalog

_BOUND = {
    "Autocast": "autocast",
    "BatchMM": "batch_mm",
    "CanonicalizeOps": "canonicalize_graph_fuser_ops",
    "ConstantPooling": "constant_pooling",
    "ConstantPropagation": "constant_propagation",
    "ConstantPropagationImmutableTypes": "constant_propagation_immutable_types",
    "ConvertFrozenOpsToMKLDNN": "convert_frozen_ops_to_mkldnn",
    "DecomposeOps": "decompose_ops",
    "EliminateCommonSubexpression": "cse",
    "EliminateDeadCode": "dce",
    "FrozenConcatLinear": "concat_frozen_linear",
    "FrozenLinearTranspose": "transpose_frozen_linear",
    "FuseFrozenConvAddRelu": "fuse_frozen_conv_add_relu",
    "Inline": "inline",
    "Peephole": "peephole",
    "PeepholeOptimize": "peephole",
    "RemoveExpands": "remove_expands",
    "UnrollConstantLoops": "constant_loop_unrolling",
    "UnrollLoops": "loop_unrolling",
    "inlining": "inline",
    "specializeAutogradZero": "specialize_autogradzero",
}
"""Name in the log → name in the catalogue."""

_LED = {
    "CreateAutodiffSubgraphs": "create_autodiff_subgraphs",
    "EraseShapeInformation": "erase_shape_information",
    "FoldFrozenConvAndLinear": "optimize_frozen_graph",
    "Fusion": "fuse_tensorexprs",  # of the default executor; the legacy one runs `fuse` there
    "RemoveListMutation": "remove_mutation",
    **_BOUND,
}
"""Name in the log → the pass whose lesson shows what it does.

These are the same code of PyTorch's, though some have a sentence of their own here.
"""

_OWN = {
    "AnnotateWarns": "Numbers the warnings, so that each is shown once.",
    "CanonicalizeOutputs": "Puts what `if` and loops return into a fixed order.",
    "CheckInplace": "Checks that nothing that needs a gradient is changed in place.",
    "ClearProfilingInformation": "Forgets the shapes that an earlier profile wrote into the types.",
    "ClearUndefinedness": "Forgets which gradients were known to be zero.",
    "Copy": "Copies the graph before it is worked on.",
    "CreateAutodiffSubgraphs": "Moves what can be differentiated into groups.",
    "EliminateNoOps": "Takes away ops that do nothing, such as a cast to the type it has.",
    "EraseShapeInformation": "Takes shapes, strides and devices out of the types.",
    "FinalOptimizations": "Takes away what only the passes before it needed.",
    "FoldFrozenConvAndLinear": (
        "Folds batch norms and arithmetic with constants into convolutions and linear layers."
    ),
    "Fusion": "Puts nodes that can run as one kernel into groups, where a fuser is on.",
    "InlineAutodiffSubgraphs": "Puts groups that are too small for autodiff back.",
    "InlineAutodiffSubgraphs and Removing Profiling Nodes": (
        "Puts groups that are too small for autodiff back, and takes the profile nodes away."
    ),
    "InsertProfileNodes": "Puts a node behind every tensor that writes down what it sees in a run.",
    "LowerGradOf": "Writes gradient helpers out as `if`: is there any gradient at all?",
    "LowerSimpleTuples": "Replaces tuples inside the graph by their parts.",
    "PropagateAttributes": "Puts weights and settings of the frozen module in place as constants.",
    "PropagateInputShapes": "Works out dtypes and ranks from those of the inputs.",
    "PropagateRequiresGrad": "Writes into the types which tensors need a gradient.",
    "RemoveDropout": "Takes away dropout, which does nothing in eval mode.",
    "RemoveListMutation": "Builds lists at once where they were appended to step by step.",
    "RemoveProfileCounter": "Takes away the counter of the profiling runs.",
    "RemoveProfileNodesAndSpecializeTypes": (
        "Takes away the profile nodes, and writes what they saw into the types."
    ),
    "RemoveTensorTypeSpecializations": (
        "Takes shapes out of the types again where nothing checks that they hold."
    ),
    "ReplaceFallbackGraph": "Lets what runs when shapes are others than profiled be compiled anew.",
    "customPostPasses": "Passes that extensions have registered to run after fusion.",
    "customPrePasses": "Passes that extensions have registered to run before fusion.",
    "differentiate": "Writes what computes the gradients of a differentiable group.",
    "guardDifferentiableGraph": (
        "Guards differentiable groups: where shapes are others than profiled, a fallback runs."
    ),
    "packGradient": "Hangs the backward graph on the group, which yields what it needs, too.",
    "runRequiredPasses": "Takes expands away that ops do by themselves, and unifies ops.",
}


def describe_pass(name: str) -> str:
    """What a step of a pipeline does, as far as its passes are known; "" where none is.

    Args:
        name: as a record has it, such as `EliminateDeadCode`, `dce` or `Inline + Peephole`.
    """
    found = dict.fromkeys(map(_sentence, name.split(" + ")))
    return " ".join(filter(None, found))


def lesson_of(step_name: str) -> str:
    """The pass whose lesson shows what a step does, "" where no lesson does.

    Args:
        step_name: as a record has it; of several passes the first with a lesson counts.
    """
    led = (_LED.get(name, name) for name in step_name.split(" + "))
    return next((name for name in led if name in catalog), "")


def _sentence(name: str) -> str:
    known = catalog.get(_BOUND.get(name, name))
    return _OWN.get(name, "") if known is None else known.summary

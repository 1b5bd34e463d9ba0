"""The beliefs that the course is built against, by name."""

from tsviz.course.content import Misconception

KEEPS_IF = Misconception(
    "a trace keeps my `if`",
    "A trace records the tensor operations that one run makes. Python takes the `if` while the "
    "example runs; the graph gets what the taken branch did, for every later input.",
)
KEEPS_LOOP = Misconception(
    "a trace keeps my loop",
    "Python runs the loop while the example runs. The graph gets its rounds one after the other, "
    "as many as the example took, and every later input gets that many.",
)
NO_WARNING = Misconception(
    "no warning means safe",
    "PyTorch warns where a tensor becomes a Python value. A branch on what is Python already, such "
    "as a rank, a flag or a number of the module, is lost in silence; so is one under a filter.",
)
CHECK_TRACE = Misconception(
    "`check_trace` passed, so it is right",
    "`check_trace` runs the trace again on the example it was made with. The example always takes "
    "its own branch, so the check cannot see the other. Try inputs that take it.",
)
EVAL_AFTER = Misconception(
    "`.eval()` after tracing helps",
    "Dropout and batch norm ask `self.training` in Python, so a trace holds the answer they got. "
    "Call `.eval()` on the model before it is traced; on the trace it changes a flag nobody reads.",
)
RUNS_PYTHON = Misconception(
    "scripting runs Python",
    "`torch.jit.script` reads the source and compiles it, without running it. What runs later is "
    "TorchScript: a language with Python's look and fixed types. Python's own run-time behaviour, "
    "its globals and its libraries are not there.",
)
HINT = Misconception(
    "an annotation is a hint",
    "Python ignores annotations; TorchScript builds on them. A parameter without one is a Tensor, "
    "an empty list is a list of Tensors, and a value of another type is refused.",
)
ALWAYS_FASTER = Misconception(
    "TorchScript is always faster",
    "TorchScript saves Python's own work between operations, and what passes take away or fuse. "
    "The kernels are the same ones: if the plan calls as many, the work in them is the same.",
)
FIRST_RUN = Misconception(
    "first-run time is its speed",
    "The first run is made to look: it records types and shapes. What you will run from then on is "
    "the plan that is made after it. Warm up before you measure.",
)
SAME_BITS = Misconception(
    "frozen gives the same bits",
    "Freezing folds weights into each other, a batch norm into a convolution for one. That is the "
    "same in exact numbers and another order of rounding in floats. Compare with a tolerance.",
)
JUST_WEIGHTS = Misconception(
    "the `.pt` is just weights",
    "A file of `torch.jit.save` is a zip with code, types and debug records beside the weights. "
    "Loading it can run code that is stored in it: treat a file of a stranger as a program.",
)
RECORDS_PYTHON = Misconception(
    "a trace runs my Python again",
    "What Python does while the example runs happens once: prints, assignments to attributes, "
    "random numbers of Python's own. Only the tensor operations are in the graph.",
)
READS_SOURCE = Misconception(
    "tracing reads my source",
    "Tracing runs the model with the example and records which tensor operations that calls. "
    "Scripting is what reads the source.",
)
REPLAYS_VALUES = Misconception(
    "a trace replays the values of its example",
    "A trace holds operations. Each call runs them again on its own input, those that draw random "
    "numbers included. Only what was no tensor operation is left as the value it had.",
)
IN_PLACE = Misconception(
    "compiling changes my model",
    "`torch.jit.trace` and `torch.jit.script` return a new module that shares the weights. The "
    "model they were given stays Python.",
)
FOLLOWS_SIZE = Misconception(
    "a traced size follows the input",
    "A size that stays a tensor operation, `x.size(0)` or `x.shape[0]` used as it is, is recorded. "
    "Made a Python number by `int(…)`, or written into the code, it is a constant of the graph.",
)
ALL_SIZES = Misconception(
    "every size is baked into a trace",
    "A size is recorded as an operation as long as it stays one: `x.size(0)` and `x.shape[0]` are "
    "asked at each call. Only what Python made a number of is fixed.",
)
CHECKS_SIZES = Misconception(
    "a graph checks the sizes of its input",
    "The shapes in the text of a trace are notes about the example. No call is compared with them.",
)
FOLLOWS_DTYPE = Misconception(
    "a dtype or device asked of the input follows it",
    "`x.dtype` and `x.device` are Python values: a trace keeps those of its example. Use what "
    "takes them from a tensor inside PyTorch: `zeros_like`, `new_ones`, `type_as`.",
)
ALL_TENSORS = Misconception(
    "every tensor of my model moves with it",
    "Parameters and buffers do. Any other tensor is a constant of the graph, with the values, "
    "dtype and device of the moment of tracing. `register_buffer` makes it part of the model.",
)
ONLY_TENSORS = Misconception(
    "only tensor operations survive scripting",
    "TorchScript has numbers, strings, lists, dicts, branches, loops, `print` and `assert`.",
)
STRAIGHT = Misconception(
    "compiled code has no branches",
    "Scripted control flow is in the graph: `prim::If` and `prim::Loop` decide at each call, "
    "without Python.",
)
GRAPH_IS_PLAN = Misconception(
    "the graph I see is what runs",
    "The compiled graph is where the executor begins. It runs the plan that its passes make of it: "
    "equal nodes merged, unused ones gone, constants computed.",
)
LOOK_ALIKE = Misconception(
    "nodes that look alike are merged",
    "Two nodes are one only if they do the same to the same values. What draws random numbers, or "
    "has an in-place write between it and its twin, is computed each time.",
)
ANY_TOLERANCE = Misconception(
    "a wide tolerance is a safe one",
    "Another order of rounding moves the last digits. A tolerance far above that calls a wrong "
    "model equal: take that of `torch.allclose`, and raise it only for a reason.",
)
LOADED_IS_EVAL = Misconception(
    "a loaded model is ready for inference",
    "The file keeps the mode the model was saved in. Call `.eval()` before it is compiled "
    "and saved.",
)
FREEZE_IS_GRAD = Misconception(
    "freezing means no gradients",
    "`torch.jit.freeze` makes weights and attributes constants of the graph: it has no parameters "
    "any more, and passes can compute with them. `requires_grad_(False)` does nothing of that.",
)
ANY_RUNTIME = Misconception(
    "every runtime reads every file",
    "The mobile runtime reads bytecode, which `_save_for_lite_interpreter` writes in addition. A "
    "file of plain `save` has none.",
)
ONE_NUMBER = Misconception(
    "a time is one number",
    "Calls of one model take different times, and a few take very long. Take the median of many "
    "warm calls, in turns with what they are compared with; two differ only if the spread of both "
    "leaves no doubt.",
)
GIL_FREE = Misconception(
    "GIL-free means one call is faster",
    "A compiled call runs the same kernels. Giving the GIL up lets other Python threads run "
    "meanwhile: what gains is many calls at once, if there are cores for them.",
)
ALL_OR_NOTHING = Misconception(
    "a model is traced or scripted as a whole",
    "Each part can be compiled in its own way. A scripted part keeps its branches in a trace "
    "around it, a traced part can be called from a script, and a function under "
    "`script_if_tracing` is Python until a trace meets it.",
)
SCRIPT_REVIVES = Misconception(
    "scripting around a trace brings its branches back",
    "A traced part is a graph already, and has no Python any more. A script around it calls that "
    "graph as it is. Script the parts that decide, and trace the others.",
)
RUNS_HERE = Misconception(
    "what runs here can be saved",
    "A file holds a program and cannot call Python of this process. `torch.jit.ignore` leaves such "
    "a call in the model, so `save` refuses; `torch.jit.unused` leaves none. `torch.compile` works "
    "inside Python, and has no program to save.",
)
UNUSED_SKIPS = Misconception(
    "`unused` skips the call",
    "`torch.jit.unused` puts an error in the place of the call: the model can be saved, and fails "
    "where it gets there. It is for code that your use of the model never reaches.",
)
NEW_TRACING = Misconception(
    "export and compile are tracing under new names",
    "A trace keeps one run, in silence. `torch.export` keeps what holds for every input of the "
    "shapes it was given, and refuses the rest: write `torch.cond` or `torch.where` for a branch "
    "on values. `torch.compile` checks before each graph whether it still holds.",
)
NO_PYTHON_LEFT = Misconception(
    "what is compiled needs no Python",
    "`torch.compile` lives in Python. Where a graph cannot go on, Python takes the branch and the "
    "next graph begins; for inputs that its checks refuse, it compiles again.",
)
EVERY_SIZE = Misconception(
    "an exported program takes every size",
    "The sizes of the example are kept, and each call is checked for them. `dynamic_shapes` says "
    "which of them may change.",
)
NODE_ONCE = Misconception(
    "a node runs once",
    "A node in the block of a loop runs in every round, and one in a branch perhaps never. The "
    "graph says what can run; a run says how often it did.",
)
STEPS_MINE = Misconception(
    "the debugger runs my model",
    "A copy is stepped, in PyTorch's own interpreter: your module, its buffers and the random "
    "numbers stay as they are. Calling the model yourself changes them.",
)
LAST_LINE = Misconception(
    "where it shows is where it went wrong",
    "A NaN travels on through everything that is computed of it, and so does a value of the wrong "
    "type or shape. Look for the first value that is wrong, and mend what made it.",
)
INNERMOST = Misconception(
    "the last line of the traceback is the faulty one",
    "That line noticed. It is often PyTorch's own, or in a function that was given the wrong "
    "thing: go outwards, to the first line that you wrote and can change.",
)
NO_ORIGIN = Misconception(
    "a loaded model has forgotten its source",
    "An archive keeps, with each line of its code, the place in the file it was compiled from, and "
    "the text around it. Errors show both.",
)
ONLY_OWN_OPS = Misconception(
    "TorchScript knows PyTorch's operators only",
    "An operator that is registered under `torch.ops` becomes a node by its name. What it computes "
    "stays outside: who loads the model must have registered it, too.",
)

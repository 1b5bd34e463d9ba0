"""What `torch.jit.trace` says."""

from tsviz.frontends.failures.message import Message

TRACING = (
    Message(
        "traced-nothing",
        r"The traced function didn't return any values",
        "the function returns nothing: a trace keeps what leads to its result, and would be empty",
        "return the tensors",
    ),
    Message(
        "traced-dict",
        r"Encountering a dict at the output of the tracer",
        "the model returns a dict; a trace would always return the keys of this run",
        "return a tuple or a NamedTuple, or pass `strict=False` if the keys never change",
    ),
    Message(
        "traced-output",
        r"Only tensors, lists, tuples of tensors, or dictionary of tensors can be output from "
        r"traced",
        "the traced function returns something that is no tensor",
        "return tensors, or tuples of them; leave numbers, strings and None out; models of "
        "transformers do with `use_cache=False`",
    ),
    Message(
        "traced-mixture",
        r"Tracer cannot infer type of .*\n:(?P<kind>Dictionary|List) inputs to traced functions "
        r"must have consistent type\. Found (?P<a>[^\n]+?) and (?P<b>[^\n]+)",
        lambda found: (
            f"an input or output is a {found['kind'].lower()} that holds {found['a']} and "
            f"{found['b'].rstrip('.')}; the tracer takes one type in it"
        ),
        "pass and return tensors alone",
    ),
    Message(
        "traced-type",
        r"Tracer cannot infer type of .*\n:.*instead got value of type (?P<got>\w+)",
        "an input or output is of type {got}, which the tracer does not know",
        "pass and return tensors, or tuples, lists or dicts of them; models of transformers do "
        "with `return_dict=False`",
    ),
    Message(
        "traced-input",
        r"Type '(?P<got>[^\n]+)' cannot be traced",
        "the example inputs are {got}; a trace takes tensors, and lists, tuples and dicts of them",
        "fix the other arguments: `lambda x: model(x, 3)`, or script the model",
    ),
    Message(
        "traced-constant",
        r"Cannot insert a Tensor that requires grad as a constant",
        "the traced function uses a tensor that requires grad and is neither parameter nor input",
        "make it an `nn.Parameter` of the module, pass it in, or `detach()` it",
    ),
    Message(
        "no-forward",
        r"Module \[(?P<name>\w+)\] is missing the required \"forward\" function",
        "`{name}` has no `forward`",
        "trace a method with `torch.jit.trace_module(model, {{'method': inputs}})`",
    ),
    Message(
        "traces-differ",
        r"Graphs differed across invocations",
        "tracing twice gave two programs: the function does not do the same each time",
        "take out what changes from call to call (counters, random choices, caches), or script it",
    ),
    Message(
        "call-arguments",
        r"(?P<name>[\w.]+)\(\) (?P<what>takes .* given|missing \d+ required [^\n]+)",
        "the example inputs do not fit: `{name}` {what}",
        "pass a tuple with one example for each argument",
    ),
)

"""What `torch.jit.script` says when it refuses Python code."""

import re
from collections.abc import Mapping
from difflib import get_close_matches

from tsviz.frontends.failures.message import Message

_NODES = {
    "try blocks": ("`try`", "test for the error before it happens, instead of catching it"),
    "Lambda": ("`lambda`", "use a function with `def` at module level"),
    "SetComp": ("sets", "use a list or a dict"),
    "Set": ("sets", "use a list or a dict"),
    "Yield": ("`yield`", "collect the values in a list and return it"),
    "function definitions": ("functions inside functions", "move it to module level"),
    "global variables": ("`global`", "pass the value in and return it"),
    "class definitions": ("classes inside functions", "move it to module level"),
    "async function definitions": ("`async`", "use `torch.jit.fork` and `torch.jit.wait`"),
    "Await": ("`await`", "use `torch.jit.fork` and `torch.jit.wait`"),
    "NamedExpr": ("`:=`", "assign on a line of its own"),
    "import statements": ("`import`", "import at the top of the file"),
    "nonlocal variables": ("`nonlocal`", "pass the value in and return it"),
    "MatMult": ("this use of `@`", "use `torch.matmul`"),
    "GeneratorExp": ("generator expressions", "use a list comprehension"),
    "Match": ("`match`", "use `if` and `elif`"),
}


def _node(found: Mapping[str, str]) -> str:
    what = _NODES.get(found["node"], (f"`{found['node']}`", ""))[0]
    return f"TorchScript has no {what}"


def _instead(found: Mapping[str, str]) -> str:
    return _NODES.get(found["node"], ("", ""))[1]


def _found_type(kind: str) -> str:
    return kind.replace(" (inferred)", "")


_TEST_FOR_NONE = "test it before: `if x is not None:`, or `assert x is not None`"


def _argument(found: Mapping[str, str]) -> str:
    op = found["op"].rpartition("::")[2]
    # What PyTorch calls `self` and `other` has no name in the user's line.
    which = {"self": "its first operand", "other": "its second operand"}.get(found["arg"])
    if found["b"].startswith("Optional["):
        what = f"{which} of `{op}`" if which else f"`{found['arg']}` of `{op}`"
        what = what.replace("its", "the")
        return f"{what} may be None here ({found['b']}), and {found['a']} is needed"
    got = _found_type(found["b"])
    inferred = " (nothing says otherwise)" if "(inferred)" in found["b"] else ""
    where = f"as {which or '`' + found['arg'] + '`'}"
    return f"`{op}` takes {_found_type(found['a'])} {where}, and got {got}{inferred}"


def _argument_help(found: Mapping[str, str]) -> str:
    if found["b"].startswith("Optional["):
        return _TEST_FOR_NONE
    if found["b"].startswith(("Tensor (inferred)", "List[Tensor]")):
        return "annotate the arguments that are no tensors: without a type, Tensor is assumed"
    return ""


def _keyword_help(found: Mapping[str, str]) -> str:
    """The names an op takes, in the order of PyTorch's variants, those with `out` left aside."""
    variants = re.findall(rf"{found['op']}[\w.]*\(([^\n]*)\) -> ", found["variants"])
    names = (name for row in variants for name in _ARGUMENT.findall(row))
    known = [name for name in dict.fromkeys(names) if name not in ("self", "out")]
    close = get_close_matches(found["arg"], known, n=1)
    if close:
        return f"did you mean `{close[0]}`?"
    return f"it takes {', '.join(f'`{name}`' for name in known)}" if known else ""


_ARGUMENT = re.compile(r"[\])!?\w] (\w+)(?=[,=]|$)")

_EXPECTED = (
    r"(?P<op>[\w.]+::\w+)[\w.]*\([^\n]*:\n\s*Expected a value of type '(?P<a>[^'\n]+)' for "
    r"argument "
    r"'(?P<arg>\w+)' but instead found type '(?P<b>[^'\n]+)'"
)


def _unconverted(found: Mapping[str, str]) -> str:
    kind = re.search(r"convert Python type: '([^']+)'", found["why"])
    what = f" of type {kind[1]}" if kind else ""
    return f"`self.{found['name']}` holds a Python value{what} that TorchScript has no type for"


def _unconverted_help(found: Mapping[str, str]) -> str:
    if "nn.Module" in found["why"]:
        return f"make `{found['name']}` an `nn.ModuleList` or an `nn.ModuleDict`"
    if "empty" in found["why"].lower():
        return f"annotate it in the class, as in `{found['name']}: List[int]`"
    return "keep numbers, strings, tensors, or lists, tuples and dicts of one type of these"


NAMES = (
    Message(
        "undefined-name",
        r"undefined value (?P<name>[\w.]+)",
        "`{name}` is not defined where this function was written",
        "define or import it at module level, or pass it in",
    ),
    Message(
        "unknown-attribute",
        r"'(?P<kind>[^'\n]+?)(?: \(inferred\))?' object has no attribute or method '(?P<name>\w+)'",
        lambda found: (
            f"a value may be None here ({found['kind']}), so it has no `{found['name']}`"
            if found["kind"].startswith("Optional[")
            else f"a {found['kind']} has no `{found['name']}` in TorchScript"
            if found["kind"] != "Tensor"
            else f"a tensor has no `{found['name']}`; what has no type is taken for a tensor"
        ),
        lambda found: (
            _TEST_FOR_NONE
            if found["kind"].startswith("Optional[")
            else "annotate the value if it is no tensor; what only Python has goes into a function "
            "marked `@torch.jit.ignore`"
        ),
    ),
    Message(
        "unconverted-attribute",
        r"Module '(?P<owner>[^']+)' has no attribute '(?P<name>\w+)' +\((?P<why>This "
        r"attribute exists "
        r"on the Python module, but .*)\)",
        _unconverted,
        _unconverted_help,
    ),
    Message(
        "missing-attribute",
        r"Module '(?P<owner>[^']+)' has no attribute '(?P<name>\w+)'",
        "the module `{owner}` has no `{name}`",
        "set `self.{name}` in `__init__`",
    ),
    Message(
        "new-attribute",
        r"Tried to set nonexistent attribute: (?P<name>\w+)",
        "`self.{name}` is set here, and the module has none when it is compiled",
        "set it in `__init__`, with its type",
    ),
    Message(
        "hasattr",
        r"hasattr's first argument must be an? object",
        "`hasattr` is asked of a value that has no attributes of its own in TorchScript",
        "leave it out: the type of every value is known when it is compiled",
    ),
    Message(
        "python-builtin",
        r"Python builtin <built-in (?P<kind>function|method) (?P<name>\w+)[^>]*> is currently not "
        r"supported",
        "TorchScript does not know Python's `{name}`",
        "do it outside, or in a function marked `@torch.jit.ignore`",
    ),
    Message(
        "foreign-function",
        r"cannot create weak reference to '(?P<kind>[^']+)' object",
        "this calls something that is no Python function ({kind}), which cannot be compiled",
        "use the function of PyTorch's, or call it in a function marked `@torch.jit.ignore`",
    ),
    Message(
        "unknown-type",
        r"Unknown type (?:name|constructor) '?(?P<name>[\w.]+)'?",
        "TorchScript knows no type `{name}`",
        "use `int`, `float`, `bool`, `str`, `Tensor`, or List, Tuple, Dict, Optional of "
        "types it knows",
    ),
    Message(
        "no-source",
        r"(?:Can't|Failed to) get source for (?:<(?:bound )?\w+ )?'?(?P<what>[\w.<>]+)",
        "the source of `{what}` cannot be read, and scripting compiles source",
        "put it into a file or a cell of its own (not under `%%time`, not in `exec`), or trace it",
    ),
    Message(
        "lambda",
        r"^Expected a single top-level function",
        "a `lambda` cannot be compiled, nor a line that holds several functions",
        "write it with `def`, or trace it with example inputs",
    ),
    Message(
        "no-module",
        r"Could not get qualified name for class '(?P<name>[^']+)': __module__ can't be None",
        "`{name}` does not say which module it belongs to (`__module__` is None)",
        "say it: `{name}.__module__ = '__main__'`",
    ),
    Message(
        "module-class",
        r"Type '<class '(?P<name>[^']+)'>' cannot be compiled since it inherits from nn\.Module",
        "the class `{name}` was given, not a module",
        "make one first: `torch.jit.script({name}(…))`",
    ),
)

TYPES = (
    Message(
        "return-types",
        r"Previous return statement returned a value of type (?P<a>[^\n]+?) but this return "
        r"statement "
        r"returns a value of type (?P<b>[^\n]+)",
        "this returns {b}, and another `return` of the function {a}",
        "return one type everywhere, and annotate it: `-> {a}`",
    ),
    Message(
        "branch-types",
        r"Type mismatch: (?P<name>\w+) is set to type (?P<a>[^\n]+?) in the true branch and type "
        r"(?P<b>[^\n]+?) in the false branch",
        "`{name}` is {a} if the condition holds and {b} if not",
        "give it one type in both branches, or two names",
    ),
    Message(
        "branch-undefined",
        r"(?P<name>\w+) is not defined in the (?P<which>true|false) branch",
        "`{name}` gets a value in one branch only, and is used after it",
        "set `{name}` before the `if`",
    ),
    Message(
        "variable-type",
        r"Variable '(?P<name>\w+)' previously had type (?P<a>[^\n]+?) but is now being "
        r"assigned to a "
        r"value of type (?P<b>[^\n]+)",
        "`{name}` is {a} at first and becomes {b} here",
        "use another name for the new value",
    ),
    Message(
        "attribute-type",
        r"Wrong type for attribute assignment\. Expected (?P<a>[^\n]+?) but got (?P<b>[^\n:]+)",
        lambda found: (
            f"the attribute was {found['a']} when the module was compiled, and becomes "
            f"{_found_type(found['b'])} here"
        ),
        lambda found: (
            f"annotate it in the class: `name: Optional[{_found_type(found['b'])}]`"
            if found["a"] == "NoneType"
            else "keep one type, and annotate it in the class"
        ),
    ),
    Message(
        "optional-truth",
        r"Could not cast value of type (?P<kind>Optional\[[^\n]*\]) to bool",
        "a condition asks whether {kind} is true, which says nothing of None",
        "write `is not None`",
    ),
    Message(
        "empty-list-type",
        r"aten::\w+.*previously matched to type Tensor is matched to type (?P<got>[^\n.]+)",
        "an empty list is taken for a list of tensors, and this adds {got}",
        "annotate it: `items: List[{got}] = []`",
    ),
    Message(
        "list-elements",
        r"List type annotation `(?P<a>[^`]+)` did not match the types of the given list elements, "
        r"which were unified to (?P<b>[^\n:]+)",
        "the list is annotated {a}, and its elements are {b}",
        "change the annotation, or the elements",
    ),
    Message(
        "argument-without-type",
        r"(?P<fn>[\w.]+)\([^\n]*\) -> [^\n]*:\nExpected a value of type '[^'\n]+' for argument "
        r"'(?P<arg>\w+)' but instead found type '(?P<got>[^'\n]+)'\.\nInferred '\w+' to be of type "
        r"'Tensor' because it was not annotated",
        "`{fn}` says no type for `{arg}`, so it is taken for a tensor, and this passes {got}",
        "annotate it where it is defined: `{arg}: {got}`",
    ),
    Message(
        "keyword",
        r"(?P<variants>[\w.]+::(?P<op>\w+)[\w.]*\(.*?Keyword argument (?P<arg>\w+) unknown.*)",
        "`{op}` has no argument `{arg}` that goes with the others",
        _keyword_help,
    ),
    Message("argument", _EXPECTED, _argument, _argument_help),
    Message(
        "module-index",
        r"Expected integer literal for index but got a variable or non-integer",
        "a ModuleList takes a variable as index only if all its modules are of one interface",
        "loop over it: `for i, layer in enumerate(self.layers):`",
    ),
    Message(
        "tuple-index",
        r"Cannot index into a (?P<kind>Tuple\[[^\n]*\]) with a non-integer literal",
        "the elements of {kind} have different types, so the index must be written as a number",
        "unpack the tuple, or use a list of one type",
    ),
    Message(
        "index-type",
        r"indexing tensor with unsupported index type '(?P<got>[^']+)'",
        "a tensor is indexed by {got}; perhaps it is no tensor, and nothing says so",
        "annotate it, as in `Dict[str, Tensor]`",
    ),
    Message(
        "item-assignment",
        r"(?P<kind>\w[^\n]*?) does not support subscripted assignment",
        "the elements of {kind} cannot be replaced",
        "use a list, or make a new one",
    ),
    Message(
        "not-iterable",
        r"'(?P<kind>[^'\n]+)' object is not iterable",
        "a loop over {kind} is not possible",
        "loop over `range(…)`, a list, a tensor or a ModuleList",
    ),
    Message(
        "range-type",
        r"all inputs of range must be ints, found (?P<got>[^\n]+?) in argument (?P<n>\d+)",
        "`range` takes whole numbers, and got {got}",
        "index it: `range(x.size(0))`; convert a tensor with `int(…)`",
    ),
    Message(
        "list-size",
        r"cannot statically infer the expected size of a list in this context",
        "`*` needs to know how many elements there are, and a list has any number",
        "pass the list itself, or a tuple",
    ),
)

SYNTAX = (
    Message(
        "variable-arguments",
        r"Compiled functions can't take variable number of arguments",
        "`*args`, `**kwargs` and keyword-only arguments with defaults have no type in TorchScript",
        "name every argument",
    ),
    Message(
        "f-string-format",
        r"Don't support formatting in JoinedStr",
        "TorchScript's f-strings have no format",
        "leave the format out, or format outside",
    ),
    Message(
        "generators",
        r"Only a single generator is currently supported",
        "a comprehension has one `for` in TorchScript",
        "write it as loops",
    ),
    Message(
        "recursion",
        r"(?P<kind>function|method) '(?P<name>\w+)' is called recursively",
        "`{name}` calls itself, which TorchScript does not allow",
        "write it as a loop",
    ),
    Message("syntax", r"^(?P<node>[\w ]+?) aren't supported", _node, _instead),
)

COMPILING = (*NAMES, *TYPES, *SYNTAX)

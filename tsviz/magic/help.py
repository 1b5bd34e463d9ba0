"""The help of `%tsdebug`, from the table of options."""

from tsviz.options import MAGIC, render_options

TARGETS = """\
  %tsdebug model(x)          capture `model`, with `x` as example input
  %tsdebug model.encode(x)   capture another method, or a function: `f(x)`
  %tsdebug y = model(x)      the same, and run it once for `y`
  %tsdebug model             no inputs: what can be scripted, or is compiled already
  %tsdebug --compare model(x)  what tracing or scripting loses of it
  %tsdebug --doctor model(x)   what stops it from being scripted, and what to edit
  %tsdebug --debug model(x)    step it, forwards and back, and see every value
  %tsdebug model.pt          a file; quote a path with spaces"""

HELP = f"""\
Opens the explorer on what PyTorch makes of a model.

  %tsdebug [options] target
  e = %tsdebug [options] target
  %%tsdebug [options]        runs the cell; its last expression is the target

targets
{TARGETS}

options, before the target, values with `=`; `--` ends them
{render_options(MAGIC)}
"""

HINT = f"type what to look at:\n{TARGETS}\n%tsdebug --help lists the options"

"""The rules in the order in which they are asked."""

from tsviz.diagnosis.rules import (
    annotations,
    asynchronous,
    attributes,
    bare_annotations,
    class_methods,
    classes,
    comprehensions,
    contexts,
    decorators,
    empty_containers,
    exceptions,
    expansions,
    foreign_calls,
    formatting,
    generators,
    hooks,
    inheritance,
    inner_definitions,
    lambdas,
    loop_else,
    matches,
    module_arguments,
    module_lists,
    none_values,
    operators,
    outer_names,
    outer_values,
    sets,
    signatures,
    type_tests,
    untyped_argument,
    walrus,
)
from tsviz.diagnosis.rules.finding import Finding, Rule

__all__ = ["RULES", "Finding", "Rule"]

_MODULES = (
    *(signatures, untyped_argument, annotations, none_values, empty_containers, attributes),
    *(exceptions, contexts, generators, asynchronous, lambdas, inner_definitions, outer_names),
    *(sets, comprehensions, expansions, walrus, matches, formatting, loop_else, operators),
    *(bare_annotations, foreign_calls, outer_values, type_tests, inheritance, classes),
    *(module_lists, decorators, hooks, module_arguments, class_methods),
)

RULES: tuple[Rule, ...] = tuple(Rule(module.NAME, module.find) for module in _MODULES)

"""The rules in the order in which they are asked."""

from tsviz.diagnosis.rules import (
    annotations,
    asynchronous,
    attributes,
    bare_annotations,
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
    inheritance,
    inner_definitions,
    lambdas,
    loop_else,
    matches,
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
    module_lists,
    decorators,
)

RULES: tuple[Rule, ...] = tuple(Rule(module.NAME, module.find) for module in _MODULES)

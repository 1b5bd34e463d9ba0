"""The rules in the order in which they are asked."""

from tsviz.diagnosis.rules import untyped_argument
from tsviz.diagnosis.rules.finding import Finding, Rule

__all__ = ["RULES", "Finding", "Rule"]

_MODULES = (untyped_argument,)

RULES: tuple[Rule, ...] = tuple(Rule(module.NAME, module.find) for module in _MODULES)

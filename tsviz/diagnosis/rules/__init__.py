"""One rule a file: what TorchScript refuses, why, and what to write instead."""

from tsviz.diagnosis.rules.registry import RULES, Finding, Rule

__all__ = ["RULES", "Finding", "Rule"]

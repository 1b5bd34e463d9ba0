"""What stops a model from being scripted, all of it at once, and what to do."""

from tsviz.diagnosis.asking import doctor
from tsviz.diagnosis.findings import (
    Diagnosis,
    Edit,
    Obstacle,
    Trial,
    Verdict,
    Way,
    Workaround,
)
from tsviz.diagnosis.fixes import Fixes, Replacement
from tsviz.diagnosis.owners import Owner
from tsviz.diagnosis.patches import Change
from tsviz.diagnosis.telling import get_types
from tsviz.diagnosis.variables import Came, Variable, VariableTypes

__all__ = [
    "Came",
    "Change",
    "Diagnosis",
    "Edit",
    "Fixes",
    "Obstacle",
    "Owner",
    "Replacement",
    "Trial",
    "Variable",
    "VariableTypes",
    "Verdict",
    "Way",
    "Workaround",
    "doctor",
    "get_types",
]

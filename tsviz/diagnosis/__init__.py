"""What stops a model from being scripted, all of it at once, and what to do."""

from tsviz.diagnosis.asking import doctor
from tsviz.diagnosis.findings import (
    Diagnosis,
    Edit,
    Obstacle,
    Owner,
    Trial,
    Verdict,
    Way,
    Workaround,
)
from tsviz.diagnosis.fixes import Fixes, Replacement
from tsviz.diagnosis.patches import Change

__all__ = [
    "Change",
    "Diagnosis",
    "Edit",
    "Fixes",
    "Obstacle",
    "Owner",
    "Replacement",
    "Trial",
    "Verdict",
    "Way",
    "Workaround",
    "doctor",
]

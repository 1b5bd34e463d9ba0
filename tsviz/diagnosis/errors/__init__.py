"""What a TorchScript error means, and where in the user's code it belongs."""

from tsviz.diagnosis.errors.explaining import Explanation, Phase, explain, is_torchscript, shallow
from tsviz.diagnosis.errors.message import Meaning, Message
from tsviz.diagnosis.errors.table import MESSAGES

__all__ = [
    "MESSAGES",
    "Explanation",
    "Meaning",
    "Message",
    "Phase",
    "explain",
    "is_torchscript",
    "shallow",
]

"""What an error of PyTorch's means, and where in the user's code it belongs.

One reader (`tsviz.jit.failure_text`) and one table of messages serve everybody: the post-mortem of
a cell, captures, comparisons, profiles, the doctor.
"""

from tsviz.frontends.failures.describing import cause_of, describe_failure, find_frames
from tsviz.frontends.failures.explaining import Explanation, Phase, explain, is_torchscript, shallow
from tsviz.frontends.failures.message import Meaning, Message
from tsviz.frontends.failures.table import MESSAGES, find_meaning

__all__ = [
    "MESSAGES",
    "Explanation",
    "Meaning",
    "Message",
    "Phase",
    "cause_of",
    "describe_failure",
    "explain",
    "find_frames",
    "find_meaning",
    "is_torchscript",
    "shallow",
]

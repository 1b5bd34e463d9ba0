"""Faults of other people's libraries, found where a clean model was expected."""

import torch
from transformers import masking_utils

from tests.models.faults.model import Fault, known_fault
from tests.models.transformers_models import gpt2_tiny

LIBRARIES: tuple[Fault, ...] = (
    # Whether the positions are spread over the batch is asked once, for a batch of one.
    known_fault(
        "gpt2-batch-of-one",
        gpt2_tiny,
        "if batch_size != position_ids.shape[0]:",
        inputs=lambda: (torch.randint(0, 100, (1, 8)),),
        witness=lambda: (torch.randint(0, 100, (2, 8)),),
        effect="raises",
        inputs_other=lambda: (torch.randint(0, 100, (1, 5)),),
        domain={"tokens": {"dims": {0: (1, 3), 1: (2, 10)}, "range": (0, 99)}},
        library=masking_utils,
    ),
)

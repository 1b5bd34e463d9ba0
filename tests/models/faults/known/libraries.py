"""Faults of other people's libraries, found where clean models were expected."""

import torch
from transformers import masking_utils
from transformers.models.mamba import modeling_mamba

from tests.models.faults.model import Arguments, Domain, Fault, MakeArguments, known_fault
from tests.models.faults.sources import libraries as source
from tests.models.transformers_models import gpt2_tiny

SENTENCES: Domain = {
    "tokens": {"dims": {0: (1, 3), 1: (4, 10)}, "range": (0, source.VOCABULARY - 1)},
    "mask": {"dims": {0: "tokens.0", 1: "tokens.1"}, "range": (1, 1)},
}


def _sentences(count: int, length: int) -> MakeArguments:
    def make() -> Arguments:
        tokens = torch.randint(0, source.VOCABULARY, (count, length))
        return tokens, torch.ones_like(tokens)

    return make


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
    # PyTorch warns of nothing here.
    known_fault(
        "mamba-scan",
        source.mamba,
        "for index in range(seq_len):",
        inputs=_sentences(2, 6),
        witness=_sentences(1, 8),
        effect="raises",
        inputs_other=_sentences(1, 4),
        domain=SENTENCES,
        library=modeling_mamba,
    ),
)

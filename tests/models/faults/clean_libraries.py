"""Networks of transformers whose trace is right. PyTorch warns of most of them."""

import torch

from tests.models.faults.model import Clean, Domain, clean_model
from tests.models.faults.sources import libraries as source
from tests.models.transformers_models import bert_tiny, gpt2_tiny, padded_sentences

SIZES = {0: (1, 3), 1: (2, 10)}
SENTENCES: Domain = {
    "tokens": {"dims": SIZES, "range": (0, source.VOCABULARY - 1)},
    "mask": {"dims": {0: "tokens.0", 1: "tokens.1"}, "range": (0, 1)},
}

CLEAN_LIBRARIES: tuple[Clean, ...] = (
    clean_model(
        "bert",
        bert_tiny,
        padded_sentences,
        {"tokens": {"dims": SIZES, "range": (0, 99)}, "mask": SENTENCES["mask"]},
    ),
    *(
        clean_model(make.__name__.replace("_", "-"), make, source.sentences, SENTENCES)
        for make in (
            source.distilbert,
            source.roberta,
            source.albert,
            source.electra,
            source.mpnet,
            source.roformer,
            source.t5_encoder,
            source.llama,
            source.mixtral,
        )
    ),
    clean_model("vision-transformer", source.PictureStates, lambda: (torch.randn(2, 1, 8, 8),), {}),
    # Traced with a batch of one, it is a fault: see `known/libraries.py`.
    clean_model(
        "gpt2",
        gpt2_tiny,
        lambda: (torch.randint(0, 100, (2, 8)),),
        {"tokens": {"dims": SIZES, "range": (0, 99)}},
    ),
)

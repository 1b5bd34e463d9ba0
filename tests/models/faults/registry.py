"""All known faults, and all models without."""

from tests.models.faults.clean import CLEAN
from tests.models.faults.known.branches import BRANCHES
from tests.models.faults.known.decoding import DECODING
from tests.models.faults.known.kinds import KINDS
from tests.models.faults.known.libraries import LIBRARIES
from tests.models.faults.known.loops import LOOPS
from tests.models.faults.known.numbers import NUMBERS
from tests.models.faults.known.sizes import SIZES
from tests.models.faults.known.state import STATE
from tests.models.faults.model import Clean, Fault

__all__ = ["CLEAN", "FAULTS", "Clean", "Fault"]

FAULTS: tuple[Fault, ...] = (
    *BRANCHES,
    *LOOPS,
    *SIZES,
    *NUMBERS,
    *KINDS,
    *STATE,
    *DECODING,
    *LIBRARIES,
)

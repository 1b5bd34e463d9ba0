"""`python -m tsviz`: the command, where its script is not on the path."""

import sys

from tsviz.cli import main

sys.exit(main())

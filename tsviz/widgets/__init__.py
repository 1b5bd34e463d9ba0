"""The explorer: in a notebook cell and as a standalone file."""

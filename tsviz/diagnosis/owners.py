"""Whose code something lies in."""

from enum import StrEnum


class Owner(StrEnum):
    """Whose code an obstacle or a variable lies in."""

    USER = "user"
    PACKAGE = "package"
    TORCH = "torch"

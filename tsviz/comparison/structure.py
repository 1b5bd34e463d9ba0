"""How the module trees of two archives differ: modules, their classes, and attributes."""

from collections.abc import Iterator, Mapping

from tsviz.comparison.differences import AttributeDiff, Kind, ModuleDiff
from tsviz.frontends.stored_state import CONSTANTS, StoredArray, StoredState

SHARED = "shared with"
_PYTORCH = "torch."


def compare_modules(before: StoredState, after: StoredState) -> tuple[ModuleDiff, ...]:
    """The modules that came, went, or are of another class, by their paths."""
    old, new = before.modules, after.modules
    return tuple(
        ModuleDiff(_kind(old.get(path), new.get(path)), path, old.get(path), new.get(path))
        for path in dict.fromkeys((*old, *new))
        if old.get(path) != new.get(path)
    )


def _kind(was: str | None, now: str | None) -> Kind:
    if was is None or now is None:
        return Kind.ADDED if was is None else Kind.REMOVED
    return Kind.CHANGED


def find_renamed(diffs: tuple[ModuleDiff, ...], before: StoredState) -> dict[str, str]:
    """Class after → class before, where one took the place of the other throughout.

    PyTorch's own are left out: that `LayerNorm` is there for `BatchNorm1d` makes it no other
    version of it.
    """
    found: dict[str, set[str]] = {}
    for diff in diffs:
        if diff.before is None or diff.after is None:
            continue
        if not diff.before.startswith(_PYTORCH) and not diff.after.startswith(_PYTORCH):
            found.setdefault(diff.after, set()).add(diff.before)
    known = set(before.modules.values())
    return {now: min(was) for now, was in found.items() if len(was) == 1 and now not in known}


def compare_attributes(before: StoredState, after: StoredState) -> tuple[AttributeDiff, ...]:
    """The attributes that differ, of modules and tensors that both sides have."""
    old = {**before.attributes, **dict(_shared(before, after.tensors))}
    new = {**after.attributes, **dict(_shared(after, before.tensors))}
    return tuple(
        AttributeDiff(owner, name, old.get((owner, name)), new.get((owner, name)))
        for owner, name in dict.fromkeys((*old, *new))
        if old.get((owner, name)) != new.get((owner, name)) and _is_in_both(owner, before, after)
    )


def _is_in_both(owner: str, *states: StoredState) -> bool:
    known = (owner in state.modules or owner in state.tensors for state in states)
    return owner == CONSTANTS or all(known)


def _shared(
    state: StoredState, others: Mapping[str, StoredArray]
) -> Iterator[tuple[tuple[str, str], str]]:
    """For every tensor that shares its storage, the first other one that both sides have."""
    first: dict[str, str] = {}
    for name, array in state.tensors.items():
        if name not in others or array.kind == "constant":
            continue
        known = first.setdefault(array.record, name)
        if known != name:
            yield (name, SHARED), known

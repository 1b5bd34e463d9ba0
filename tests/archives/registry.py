"""Every archive under a name."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.archives import damaged, demanding, everyday, hostile
from tests.models.seeding import seeded

Builder = Callable[[Path], Path]


@dataclass(frozen=True, slots=True)
class Archive:
    """A file that somebody may open.

    Attributes:
        name: What tests call it.
        special: What is special about it.
        build: Writes it into a folder and returns its path, the same content each time.
    """

    name: str
    special: str
    build: Builder


def _archive(builder: Builder) -> Archive:
    def build(folder: Path) -> Path:
        return seeded(lambda: builder(folder))()

    return Archive(builder.__name__.replace("_", "-"), builder.__doc__ or "", build)


ARCHIVES: dict[str, Archive] = {
    archive.name: archive
    for archive in map(
        _archive,
        [
            everyday.plain_pt,
            everyday.plain_pth,
            everyday.plain_jit,
            everyday.lite,
            everyday.traced,
            everyday.frozen,
            everyday.optimised,
            everyday.exported_methods,
            everyday.no_forward,
            everyday.frozen_with_method,
            everyday.extra_files,
            everyday.without_debug_info,
            everyday.awkward_path,
            everyday.html_path,
            demanding.dynamically_quantised,
            demanding.frozen_quantised,
            demanding.statically_quantised,
            demanding.torchbind,
            demanding.old_operators,
            demanding.from_the_future,
            demanding.cuda_constant,
            demanding.cuda_weights,
            demanding.missing_operator,
            damaged.empty,
            damaged.truncated,
            damaged.not_a_zip,
            damaged.corrupt_code,
            damaged.corrupt_weights,
            damaged.unreadable_string,
            damaged.state_dict,
            damaged.legacy_state_dict,
            damaged.pickled_module,
            damaged.other_zip,
            damaged.directory,
            hostile.writes_on_load,
            hostile.submodule_writes_on_load,
            hostile.setstate_after_tab,
            hostile.setstate_on_next_line,
            hostile.record_names_in_capitals,
            hostile.record_twice,
            hostile.two_roots,
            hostile.debug_info_executes,
            hostile.pickle_executes,
            hostile.crashes_the_loader,
            hostile.zip_bomb,
            hostile.many_records,
            hostile.names_that_escape,
            hostile.hostile_names,
        ],
    )
}

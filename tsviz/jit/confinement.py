"""What a child process may not do, however hostile the bytes it reads.

Limits on memory, CPU time and the size of files hold on every POSIX system. On Linux, where the
kernel has Landlock, the process also gives up for good to write, create or remove any file, to
start a program, to connect anywhere over TCP and to signal other processes. It keeps the right to
read files, so this is a second wall and no sandbox: what would run on load is never loaded.
"""

import ctypes
import os
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Limits:
    """What a child process may use.

    Attributes:
        seconds: of CPU time; of waiting, a minute more.
        memory: bytes beyond what the process has when it starts to work.
        output: bytes of its answer, and of any one file it writes.
    """

    seconds: int = 120
    memory: int = 4 * 2**30
    output: int = 2**28


def confine(limits: Limits) -> None:
    """Confines this process. What it has open stays open; nothing can be taken back."""
    if sys.platform == "win32":  # no such limits there: only the waiting is limited, by the parent
        return
    import resource

    wanted = {
        resource.RLIMIT_CPU: limits.seconds,
        resource.RLIMIT_FSIZE: limits.output,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_AS: _address_space() + limits.memory,
    }
    for kind, soft in wanted.items():
        _, hard = resource.getrlimit(kind)
        # one more: at the soft limit of CPU time comes the signal that tells why, at the hard one
        # the kill that does not
        most = soft + 1 if hard == resource.RLIM_INFINITY else min(soft + 1, hard)
        with suppress(ValueError, OSError):  # macOS knows RLIMIT_AS and refuses to set it
            resource.setrlimit(kind, (min(soft, most), most))
    _give_up_rights()


def _address_space() -> int:
    """Bytes of address space in use; PyTorch's libraries alone take gigabytes of it."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[0])
    except OSError:
        return 16 * 2**30
    return pages * os.sysconf("SC_PAGE_SIZE")


# Landlock has no wrapper in libc. The numbers are the same on every architecture.
_CREATE_RULESET = 444
_RESTRICT_SELF = 446
_VERSION = 1
_NO_NEW_PRIVILEGES = 38
_EXECUTE, _WRITE, _REMOVE_AND_MAKE, _TRUNCATE = 1 << 0, 1 << 1, 0x1FF << 4, 1 << 14
_TCP = 0b11
_SOCKETS_AND_SIGNALS = 0b11


def landlock_version() -> int:
    """The version of Landlock that the kernel has, 0 where it has none."""
    if sys.platform != "linux":
        return 0
    version = _libc().syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint(_VERSION))
    return max(0, int(version))


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _give_up_rights() -> None:
    """Handles every right to change something and allows none; nothing where Landlock is absent."""
    libc, version = _libc(), landlock_version()
    if not version:
        return
    files = _EXECUTE | _WRITE | _REMOVE_AND_MAKE | (_TRUNCATE if version >= 3 else 0)
    network = _TCP if version >= 4 else 0
    scope = _SOCKETS_AND_SIGNALS if version >= 6 else 0
    rules = (ctypes.c_uint64 * 3)(files, network, scope)
    size = ctypes.c_size_t(ctypes.sizeof(rules))
    ruleset = libc.syscall(_CREATE_RULESET, ctypes.byref(rules), size, ctypes.c_uint(0))
    if ruleset < 0:
        return
    libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    libc.syscall(_RESTRICT_SELF, ctypes.c_int(ruleset), ctypes.c_uint(0))
    os.close(ruleset)

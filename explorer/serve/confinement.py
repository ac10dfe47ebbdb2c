"""What a visitor's process may use: no file can be written, and memory is limited.

The screen of a guest writes no file (`explorer.session.computer`). This holds even if it has a fault.
"""

from __future__ import annotations

import resource
from contextlib import suppress
from typing import Final

MEMORY: Final = 1 << 30
"""Bytes of address space. A visit takes 0.3 GiB, and less than 0.6 with the largest machine and history."""

FILES: Final = 64
"""Open files; a visit has about 15."""

LIMITS: Final = {
    resource.RLIMIT_AS: MEMORY,
    resource.RLIMIT_CORE: 0,
    resource.RLIMIT_FSIZE: 0,
    resource.RLIMIT_NOFILE: FILES,
}


def confine() -> None:
    """Set the limits of this process and of all that it starts, where the system has them."""
    for limit, value in LIMITS.items():
        _, hard = resource.getrlimit(limit)
        most = value if hard == resource.RLIM_INFINITY else min(value, hard)
        with suppress(OSError, ValueError):  # some systems have a limit that cannot be set
            resource.setrlimit(limit, (most, most))

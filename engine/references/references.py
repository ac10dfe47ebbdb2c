"""A reference string in memory."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, eq=False)
class References:
    """A reference string: which page each reference touches, and whether it writes.

    name:    what messages call it: the file, or the name of a made string.
    indices: the page of each reference, as an index into `pages`.
    writes:  whether each reference writes.
    pages:   the distinct page numbers, rising.
    """

    name: str
    indices: npt.NDArray[np.uint32]
    writes: npt.NDArray[np.bool_]
    pages: npt.NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.indices)

"""The standard input of the process that runs the tests, as a command reads it: descriptor 0."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def stdin_of(content: bytes) -> Iterator[None]:
    """While the block runs, let standard input be these bytes."""
    kept = os.dup(0)
    with tempfile.TemporaryFile() as file:
        file.write(content)
        file.seek(0)
        os.dup2(file.fileno(), 0)
        try:
            yield
        finally:
            os.dup2(kept, 0)
            os.close(kept)

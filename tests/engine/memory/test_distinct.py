"""The distinct values of an array are those that NumPy finds, without its import of masked arrays."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from engine.memory.distinct import distinct

ARRAYS = [
    np.array([3, 1, 3, 2, 1]),
    np.array([[5, -1], [5, 7]]),
    np.array([4_000_000_000, 0, 4_000_000_000], np.uint32),
    np.zeros(0, np.int64),
    np.array([9]),
]


@pytest.mark.parametrize("values", ARRAYS, ids=str)
def test_they_are_the_unique_values(values: np.ndarray) -> None:
    found = distinct(values)
    assert found.tolist() == np.unique(values).tolist()
    assert found.dtype == values.dtype


def test_the_array_stays_as_it_is() -> None:
    values = np.array([2, 1])
    distinct(values)
    assert values.tolist() == [2, 1]


@pytest.mark.slow
def test_nothing_is_imported_for_it() -> None:
    code = (
        "import sys, numpy as np\nfrom engine.memory.distinct import distinct\n"
        "distinct(np.array([1, 1]))\nassert 'numpy.ma' not in sys.modules"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0

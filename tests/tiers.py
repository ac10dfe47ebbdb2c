"""The two tiers of one parametrised test: a few cases in the fast tier, the others in the slow one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest


def only_fast(cases: Iterable[Any], *fast: Any) -> list[Any]:
    """The cases of a parametrised test, all but `fast` marked slow.

    Raises ValueError if one of `fast` is not a case.
    """
    listed = list(cases)
    for case in fast:
        listed.index(case)
    return [case if case in fast else pytest.param(case, marks=pytest.mark.slow) for case in listed]

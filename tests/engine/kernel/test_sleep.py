"""The sleep queue, the interlock and the run queues (spec 05)."""

from __future__ import annotations

import pytest

from engine.errors import KernelPanic
from engine.kernel.sleep import tsleep
from tests.engine.kernel.stepping import Crew


def test_sleeping_on_nothing_or_with_a_spinlock_is_a_panic() -> None:
    with pytest.raises(KernelPanic) as caught:
        Crew().call(tsleep, 0, False, "nothing", 0)
    assert (caught.value.kind, caught.value.function) == ("KKASSERT", "tsleep")

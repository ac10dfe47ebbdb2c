"""Arguments that no machine has are refused with the script's place, never an IndexError."""

from __future__ import annotations

import pytest

from engine.errors import BadInput
from tests.engine.script.test_process_verbs import scenario_of


@pytest.mark.parametrize(
    "call",
    [
        "pmap_object_init_pt(0, 99999999, 0, 0)",
        "pmap_object_init_pt(-2, 0, 0, 0)",
        "pmap_object_init_pt(1 << 40, 0, 0, 0)",
        "m = vm_page_alloczwq(0, 0x7fffffff)",
    ],
)
def test_an_index_that_no_machine_has_is_refused(call: str) -> None:
    scenario = scenario_of(("a", 0, "", call))
    with pytest.raises(BadInput, match=r":\d+: \w+: \w+ = "):
        scenario.run(scenario.start())

"""Reading what people paste: every form gives the same machine."""

from __future__ import annotations

import pytest

from engine.inputs.dumps.reader import read_dumps
from tests.engine.inputs.dumps.pasted import FORMS, expected, known


@pytest.mark.parametrize("form", FORMS)
def test_each_pasted_form_is_the_same_machine(form: str) -> None:
    (moment,) = read_dumps(FORMS[form](), "pasted")
    assert known(moment) == expected()

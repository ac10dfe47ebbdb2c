"""The keys of a thread that say which reference string it takes, and how its file is read."""

from __future__ import annotations

import pytest

from engine.errors import BadInput
from engine.references.reader import Reading
from engine.scenario.trace_form import TRACE_KEYS, read_trace_form
from tests.engine.scenario.test_toml_reader import section


def test_a_thread_with_a_script_takes_no_string() -> None:
    assert read_trace_form(section('script = "pass"')) is None


def test_the_string_has_its_tick_and_how_it_is_read() -> None:
    form = read_trace_form(section('trace = "a.gz"\ntick = 7\nformat = "rw"\npage_size = 8192\ncode = false'))
    assert form is not None
    assert (form.name, form.tick, form.reading) == ("a.gz", 7, Reading("rw", 13, False, None))


@pytest.mark.parametrize("key", TRACE_KEYS)
def test_a_key_about_a_string_needs_one(key: str) -> None:
    values = {"tick": 3, "page_size": 4096, "code": "true", "format": '"rw"', "columns": '"addr=1"'}
    with pytest.raises(BadInput, match=f"{key} is about a trace; add trace, or remove {key}"):
        read_trace_form(section(f"{key} = {values[key]}"))

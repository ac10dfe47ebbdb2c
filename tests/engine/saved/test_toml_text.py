"""Written TOML: tomllib reads it back, and a script stays readable."""

from __future__ import annotations

import string
import tomllib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.saved.toml_text import toml_text

texts = st.text(
    string.ascii_letters + string.punctuation + " \t\n\x01äπ\x9b\u202e\u2028\U0001f600\U000e0001", max_size=20
)
values = st.recursive(
    st.booleans() | st.integers(-(1 << 62), 1 << 62) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(texts, values, max_size=4))
@settings(max_examples=80)
def test_what_is_written_is_what_tomllib_reads(document: dict[str, object]) -> None:
    assert tomllib.loads(toml_text(document)) == document


def test_what_would_control_a_terminal_is_escaped() -> None:
    text = toml_text({"title": "\x1b[2J\x9b2J\u202eabc\u2028\U000e0001 äπ\U0001f600"})
    assert text == 'title = "\\u001b[2J\\u009b2J\\u202eabc\\u2028\\U000e0001 äπ\U0001f600"\n'


DOCUMENT = {
    "thread": [{"name": "a", "script": "x = 1\ny = 2\n"}, {"name": "b"}],
    "title": 'a "word"',
    "machine": {"ranges": [[0, 4096]], "trylock": False, "thresholds": {"v_free_min": 3}},
}


def test_values_come_first_then_tables_and_lists_of_tables_in_their_order() -> None:
    assert (
        toml_text(DOCUMENT)
        == '''title = "a \\"word\\""

[[thread]]
name = "a"
script = """
x = 1
y = 2
"""

[[thread]]
name = "b"

[machine]
ranges = [[0, 4096]]
trylock = false

[machine.thresholds]
v_free_min = 3
'''
    )


@pytest.mark.parametrize(
    ("key", "written"),
    [("v_free-9", "v_free-9"), ("two words", '"two words"'), ("", '""'), ("ü", '"ü"'), ('"', '"\\""')],
)
def test_a_key_is_quoted_if_it_has_to_be(key: str, written: str) -> None:
    assert toml_text({key: 1}) == f"{written} = 1\n"


@pytest.mark.parametrize(
    "text",
    [
        '"""',
        '\n"""',
        '\n"',
        '\n""',
        '\n""""""',
        '\n\\"',
        '\n\\""',
        "\n\\",
        "\x00\n\x7f",
        "a\tb",
        "\n",
        "\n\n x",
        "\\n",
    ],
)
def test_quotes_and_control_characters_come_back(text: str) -> None:
    assert tomllib.loads(toml_text({"text": text})) == {"text": text}


def test_a_list_of_tables_inside_a_table_is_written_on_one_line() -> None:
    document = {"process": [{"maps": [{"object": "heap", "start": 0}]}]}
    assert toml_text(document) == '[[process]]\nmaps = [{ object = "heap", start = 0 }]\n'

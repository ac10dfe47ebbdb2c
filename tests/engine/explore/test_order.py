"""The order of two places: what it is read from, and what it is compiled to."""

from __future__ import annotations

import re

import pytest

from engine.errors import BadInput
from engine.explore.model.marks import Place
from engine.explore.order import read_order, read_orders
from engine.run.program import Program
from tests.engine.scenario.small_scenarios import scenario_of

SCRIPTS = """[[thread]]
name = "writer"
script = '''
x = 1
y = 2  #@done

z = x + y
'''
[[thread]]
name = "reader"
script = '''
i = 0
while i < 3:
    i += 1
'''
[[thread]]
name = "one"
script = "x = 1"
"""


def programs() -> tuple[Program, ...]:
    return scenario_of(rest=SCRIPTS).programs


def test_an_order_is_the_positions_of_two_lines() -> None:
    order = read_order(" writer:@done < reader:3 ", programs())
    reader = programs()[1]
    inside = frozenset(pc for pc in range(len(reader.instructions)) if reader.line_at(pc) == 3)
    assert order.places == (Place(0, frozenset({1})), Place(1, inside))
    assert inside
    assert order.text == " writer:@done < reader:3 "


def test_an_order_that_is_given_twice_is_one() -> None:
    texts = ["writer:2<reader:2", "writer:@done<reader:2", "reader:3<writer:4"]
    assert [order.text for order in read_orders(texts, programs())] == [texts[1], texts[2]]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "'' is not an order of two places; write PLACE<PLACE, such as writer:3<reader:2"),
        ("writer:2", "'writer:2' is not an order of two places"),
        ("writer:2<", "is not an order of two places"),
        ("writer:2<reader:2<writer:4", "is not an order of two places"),
        ("7<reader:2", "'7' is not a line of a script; write THREAD:LINE or THREAD:@ANCHOR"),
        ("writer:2<end", "'end' is not a line of a script"),
        ("when writer.x == 1<reader:2", "'when writer.x == 1' is not a line of a script"),
        ("other:2<reader:2", "there is no thread 'other'; the threads are: writer, reader, one"),
        ("writer:3<reader:2", "line 3 of writer has no code; the lines with code are: 1, 2, 4"),
        ("writer:2<reader:@there", "reader has no anchor @there; it has none"),
        ("writer:2<writer:@done", "has the same place twice; write two different places"),
        (
            "reader:1<writer:2",
            "reader:1 is where reader starts, and is reached at step 0; its later",
        ),
        ("writer:2<one:1", "one:1 is where one starts, and is reached at step 0; it has no other line"),
    ],
)
def test_what_is_not_an_order_is_refused(text: str, words: str) -> None:
    with pytest.raises(BadInput, match=re.escape(words)):
        read_order(text, programs())

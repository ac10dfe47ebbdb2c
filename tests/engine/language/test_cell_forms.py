"""The forms of cells: every kind of cell is there, and each index of its range exists."""

from __future__ import annotations

import pytest

from engine.errors import BadInput
from engine.language.cell_forms import CellForm, cell_forms
from engine.language.naming import _PARSERS, parse_cell
from engine.language.symbols import NOTHING_NAMED
from engine.machine.machine import Machine
from engine.scenario.loader import load_text


@pytest.fixture(scope="module")
def vm() -> Machine:
    return (
        load_text('format = 1\ntitle = "a"\nmachine.memory = "4 MiB"\nmachine.topology = "1x2x1"\n')
        .start()
        .vm
    )


def cell(form: CellForm, index: int, field: str) -> str:
    """The text of a cell of this form."""
    text = form.form.replace("token[K]", f"token[{index}]") if form.table == "token" else form.form
    number = 0 if form.table == "token" else index
    for word in ("BASE,COLOR", "NAME", "SLOT", "N"):
        text = text.replace(f"[{word}]", f"[FREE,{number}]" if "," in word else f"[{number}]")
    return f"{text}.{field}"


def test_there_is_a_form_of_every_kind_of_cell(vm: Machine) -> None:
    assert sorted(form.table for form in cell_forms(vm)) == sorted({*_PARSERS, "token"})


def test_the_first_and_the_last_index_exist_with_every_field_and_no_index_beyond_them(vm: Machine) -> None:
    for form in cell_forms(vm):
        low, high = form.indexes or (0, 0)
        for field in form.fields:
            assert isinstance(parse_cell(vm, cell(form, low, field), NOTHING_NAMED), int)
            assert isinstance(parse_cell(vm, cell(form, high, field), NOTHING_NAMED), int)
        if form.indexes is not None:
            with pytest.raises(BadInput):
                parse_cell(vm, cell(form, high + 1, next(iter(form.fields))), NOTHING_NAMED)


@pytest.mark.parametrize(
    ("table", "field", "type_name"),
    [("page", "busy_count", "u32"), ("page", "hold_count", "i32"), ("vmstats", "v_free_min", "i64")],
)
def test_a_field_has_its_c_type(table: str, field: str, type_name: str, vm: Machine) -> None:
    (form,) = [one for one in cell_forms(vm) if one.table == table]
    assert form.fields[field] == type_name

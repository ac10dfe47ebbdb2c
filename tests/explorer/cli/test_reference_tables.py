"""The tables of the reference that the code makes: they are up to date, and keep the words of the page."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from engine.scenario.toml_reader import Key
from explorer.cli import reference_tables
from explorer.cli.help import REFERENCE, topics
from explorer.cli.reference_tables import COMMAND, made, rewritten
from tests.explorer.reference_pages import table

PAGES = sorted(REFERENCE.glob("*.md"))
KINDS = [kind for path in PAGES for kind in re.findall(r"<!-- table: (.+) -->", path.read_text("utf-8"))]


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_the_tables_of_a_page_are_as_the_code_has_them(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    stale = rewritten(text) != text
    assert not stale, f"{path.name} has a table that is not as the code has it; run: {COMMAND}"


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_every_row_of_such_a_table_says_what_it_means(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for block in re.findall(r"<!-- table: .+ -->\n((?:\|.*\n)+)", text):
        assert [row for row in table(block) if not row[-1]] == [], f"write the last cell in {path.name}"


def test_every_kind_of_table_is_on_a_page() -> None:
    assert {kind.split()[0] for kind in KINDS} == reference_tables._MAKERS.keys()
    assert len(KINDS) == len(set(KINDS))


def test_each_marked_table_has_its_end() -> None:
    for path in PAGES:
        marks = re.findall(r"^<!-- (table|end)", path.read_text("utf-8"), re.MULTILINE)
        assert marks == ["table", "end"] * (len(marks) // 2), path.name


def test_help_shows_no_mark() -> None:
    assert [topic.name for topic in topics().values() if "<!--" in topic.text] == []
    assert "| `colors` | integer | 1 to 1,024 | `1024` |" in topics()["scenario"].text


MARKED = "before\n<!-- table: keys [limits] -->\n{}<!-- end of the table -->\nafter\n"
HEAD = "| key | type | values | default | meaning |\n|---|---|---|---|---|\n"


def test_a_table_keeps_what_only_the_page_has() -> None:
    own = "| key | default | meaning |\n|---|---|---|\n| `steps` | 7 | the end |\n"
    row = "| `steps` | integer | 1 to 1,000,000,000 | `1000000` | the end |\n"
    assert rewritten(MARKED.format(own)) == MARKED.format(HEAD + row)


def test_a_new_key_has_no_meaning_yet_and_one_that_is_gone_is_removed() -> None:
    own = HEAD + "| `gone` | integer | | | the end |\n"
    assert "`steps`" in rewritten(MARKED.format(own))
    assert "`gone`" not in rewritten(MARKED.format(own))
    assert "`1000000` | |" in rewritten(MARKED.format(own))


def test_keys_stay_in_the_order_of_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    keys = {name: Key("integer", "", True, None) for name in ("a", "b", "c", "d")}
    monkeypatch.setattr(reference_tables, "_asked", lambda: {"[limits]": keys})
    own = "| key | meaning |\n|---|---|\n| `c` | see |\n| `a` | ay |\n"
    rows = table(rewritten(MARKED.format(own)))
    assert [(row[0], row[-1]) for row in rows] == [("`c`", "see"), ("`a`", "ay"), ("`b`", ""), ("`d`", "")]


def test_fields_that_the_page_joins_stay_joined_with_their_types() -> None:
    page = MARKED.replace("keys [limits]", "fields hash").format(
        "| field | meaning |\n|---|---|\n| `object`, `gone`, `pindex` | where |\n| `m` | the page |\n"
    )
    assert table(rewritten(page)) == [
        ["`object`, `pindex`", "i64, u64", "where"],
        ["`m`", "i64", "the page"],
        ["`ticks`", "i32", ""],
    ]


def test_operators_of_one_spelling_keep_their_own_meanings() -> None:
    text = topics()["expressions"].text
    rows = {row[0]: row[1] for row in table(text)}
    assert rows["`+`, `-`"] != rows["`-`, `+`, `~`"]
    assert rows["`|`"]


def test_an_index_that_the_machine_decides_is_that_of_small() -> None:
    rows = {row.names[0]: row.cells[0] for row in made("indexes").rows}
    assert rows["cpu[N]"] == "on `small` 0 to 1"
    assert rows["daemon[N]"] == "0 to 1"
    assert rows["page[N]"] == "on `small` 0x0 to 0xfff"


def test_the_command_rewrites_the_pages_and_names_those_that_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(REFERENCE, tmp_path, dirs_exist_ok=True)
    monkeypatch.setattr(reference_tables, "REFERENCE", tmp_path)
    page = tmp_path / "scenario.md"
    right = page.read_text(encoding="utf-8")
    page.write_text(right.replace("| 1 to 1,024 |", "| 1 to 7 |"), encoding="utf-8")
    reference_tables.main()
    assert page.read_text(encoding="utf-8") == right
    assert capsys.readouterr().out == f"{page}\n"
    reference_tables.main()
    assert capsys.readouterr().out == ""

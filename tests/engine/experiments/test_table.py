"""The table of an experiment."""

from __future__ import annotations

from engine.experiments.table import Row, Table, settings_text


def test_settings_are_one_line() -> None:
    row = Row({"machine.colors": 16, "on": True, "rules": "source"}, {})
    assert settings_text(row) == "machine.colors=16 on=true rules=source"
    assert Table((row,), 1).complete
    assert not Table((row,), 2).complete

"""The digest of the engine's sources."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

import engine
from engine.experiments.engine_sources import engine_digest


def test_every_source_counts_with_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = engine_digest.__wrapped__
    monkeypatch.setattr(engine, "__file__", str(tmp_path / "__init__.py"))
    (tmp_path / "room").mkdir()
    (tmp_path / "room/b.py").write_text("b\n")
    (tmp_path / "a.py").write_text("")
    assert found() == hashlib.sha256(b"a.py 0\nroom/b.py 2\nb\n").hexdigest()
    before = found()
    (tmp_path / "a.py").rename(tmp_path / "c.py")
    assert found() != before

"""Run tests against a kernel with one change in its source: `python mutated.py MODULE OLD NEW TEST...`.

The change is made between reading the module's file and compiling it; no file is written. OLD has to occur
exactly once: what the change was about may be gone otherwise. Exit 0: the tests pass; 1: they do not;
NOT_FOUND: there is nothing to change.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType
from typing import Final

import pytest

ROOT: Final = Path(__file__).resolve().parents[3]
NOT_FOUND: Final = 70

OPTIONS: Final = (
    *("-x", "-q", "--tb=line", "--no-header", "--noconftest", "--import-mode=importlib"),
    *("-c", os.devnull, f"--rootdir={ROOT}", "-p", "no:cacheprovider", "-p", "no:xdist", "-p", "no:asyncio"),
    *("-p", "no:hypothesispytest", "--assert=plain"),
)
"""Pytest without the plugins that these tests do not use: most of a run's time is pytest's start."""


class Mutant(SourceFileLoader):
    """Loads a module from its file with one text replaced; cached bytecode is not used."""

    def __init__(self, name: str, path: str, old: str, new: str) -> None:
        super().__init__(name, path)
        self.old, self.new = old, new

    def get_code(self, fullname: str) -> CodeType:
        """The changed module's code."""
        text = changed(Path(self.path).read_text(encoding="utf-8"), self.old, self.new)
        assert text is not None, f"{fullname} did not contain the text exactly once"
        code: CodeType = compile(text, self.path, "exec")
        return code


class Changes(MetaPathFinder):
    """Finds one module as a mutant."""

    def __init__(self, module: str, old: str, new: str) -> None:
        self.module, self.old, self.new = module, old, new

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The module's spec, with a loader that changes the module."""
        if fullname != self.module:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        assert spec is not None
        assert spec.origin is not None
        spec.loader = Mutant(fullname, spec.origin, self.old, self.new)
        return spec


def changed(text: str, old: str, new: str) -> str | None:
    """The text with `old` replaced, or None unless it occurs exactly once."""
    return text.replace(old, new) if text.count(old) == 1 else None


def main(module: str, old: str, new: str, tests: list[str]) -> int:
    """Run the tests with the change; return pytest's exit code."""
    sys.dont_write_bytecode = True
    if old:
        source = ROOT / module.replace(".", "/")
        if changed(source.with_suffix(".py").read_text(encoding="utf-8"), old, new) is None:
            return NOT_FOUND
        sys.meta_path.insert(0, Changes(module, old, new))
    sys.path.insert(0, str(ROOT))
    return int(pytest.main([*OPTIONS, *(str(ROOT / test) for test in tests)]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4:]))

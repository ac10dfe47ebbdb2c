"""For all tests: Hypothesis without deadlines, a home of their own, summaries at the end of the session."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from hypothesis import settings

_NUMBERS = count()

# No deadline: a test must not depend on the speed of the machine. The same examples in every run: an example
# that fails fails again, here and elsewhere.
settings.register_profile("pageq", deadline=None, derandomize=True)
settings.load_profile("pageq")


@pytest.fixture(autouse=True, scope="session")
def _home_of_the_tests(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Keep the tests, and the programs that they start, from the user's settings, sessions and progress."""
    folder = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        for name in ("CONFIG", "DATA", "CACHE", "STATE"):
            patch.setenv(f"XDG_{name}_HOME", str(folder / name.lower()))
        yield folder


@pytest.fixture(autouse=True)
def _own_data(_home_of_the_tests: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let each test start without progress and sessions; the folder does not exist yet."""
    monkeypatch.setenv("XDG_DATA_HOME", str(_home_of_the_tests / f"data-{next(_NUMBERS)}"))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the `summary` property of each test that has one."""
    for outcome in ("passed", "failed"):
        for report in terminalreporter.stats.get(outcome, []):
            for name, lines in getattr(report, "user_properties", []):
                if name == "summary" and report.when == "call":
                    terminalreporter.write_sep("-", "summary")
                    terminalreporter.write("\n".join(lines) + "\n")


def pytest_collection_finish() -> None:
    """Leave what the collection made out of later garbage collections, which take long, and do fewer."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000)

"""For all tests: Hypothesis without deadlines, and summaries of tests printed at the end of the session."""

from __future__ import annotations

import gc

import pytest
from hypothesis import settings

# No deadline: a test must not depend on the speed of the machine. The same examples in every run: an example
# that fails fails again, here and elsewhere.
settings.register_profile("pageq", deadline=None, derandomize=True)
settings.load_profile("pageq")


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

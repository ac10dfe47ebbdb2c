"""A crew whose view has given numbers of free and cached pages, and round limits."""

from __future__ import annotations

from typing import Any

from tests.engine.kernel.checked_crew import Crew, configuration, unchecked

LIMITS = {
    "v_free_reserved": 10,
    "v_free_severe": 20,
    "v_free_min": 40,
    "v_cache_min": 30,
    "v_free_target": 100,
    "v_pageout_free_min": 15,
    "v_inactive_target": 60,
}


def crew_with(free: int, cache: int = 0, rules: str = "source", **options: Any) -> Crew:
    """A crew whose view has these free and cached pages, and LIMITS."""
    crew = Crew(configuration(rules=rules, **options), check=unchecked)
    crew.set_limits(v_free_count=free, v_cache_count=cache, v_inactive_count=0, **LIMITS)
    return crew

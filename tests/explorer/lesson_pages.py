"""A scenario with a lesson of pages, and sessions on it."""

from __future__ import annotations

from typing import Final

from engine.scenario.loader import Scenario, load_text
from explorer.session.session import Session
from explorer.session.stepping import Motion

SCRIPTS: Final = '''
format = 1
title = "A page"
[machine]
memory = "16 MiB"
topology = "1x2x1"
[[object]]
name = "heap"
[[thread]]
name = "app"
cpu = 0
script = """
m = vm_page_alloc(heap, 0, VM_ALLOC_NORMAL)  #@alloc
vm_page_activate(m)  #@activate
vm_page_wakeup(m)
"""
'''

PAGES: Final = """
[[page]]
say = "The [page](term:page) is *free*. Read [the stage](panel:stage)."
do = "over"
[[page]]
at = "app:@activate"
say = "It is on no queue. [waits](lens:waits) shows no thread that waits."
do = "view waits"
look = ["app.m.queue", "threads"]
[[page]]
say = "No thread waits."
[[page]]
at = "when queue_of(app.m) == PQ_CACHE"
say = "It is cached, which this run never does."
[[page]]
at = "end"
say = "Next: [life](scenario:life-of-a-page)."
"""
"""Pages 2 and 3 belong to one moment; the run never comes to page 4."""


def lesson_scenario(pages: str = PAGES, rules: str | None = None) -> Scenario:
    return load_text(SCRIPTS + pages, "lesson", rules=rules)


def lesson_session(pages: str = PAGES) -> Session:
    scenario = lesson_scenario(pages)
    return Session(scenario.start(), scenario)


def driven(motion: Motion | None) -> None:
    for _ in motion or ():
        pass

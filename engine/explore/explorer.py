"""`explore`: search the schedules of a scenario, and say what was found."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from engine.explore.claims import evidence_for, expected_outcomes, judged
from engine.explore.consistency import CALM, Where
from engine.explore.exploration import Exploration
from engine.explore.findings import Findings
from engine.explore.limits import Limits, Progress
from engine.explore.model import Model
from engine.explore.order import read_orders
from engine.explore.prepared import notes_of, settings_of, with_schedule
from engine.explore.search import Search
from engine.explore.watched import Asked, watched_value
from engine.language.naming import name_of
from engine.scenario.loader import Scenario


def explore(
    scenario: Scenario,
    *,
    exprs: Sequence[str] = (),
    always: Sequence[str] = (),
    end: Sequence[str] = (),
    order: Sequence[str] = (),
    limits: Limits = Limits(),  # noqa: B008  # it cannot be changed
    allow: Iterable[str] = (),
    invariants: Where = CALM,
    progress: Callable[[Progress], bool] | None = None,
) -> Exploration:
    """Search every schedule of a scenario.

    exprs:    EXPR whose values at all ends are counted.
    always:   EXPR that have to hold after every step; end: at every end.
    order:    PLACE<PLACE: a schedule that comes to the second place first is left out.
    allow:    outcomes that are expected, besides those that the scenario expects.
    invariants: where the machine's invariants are checked: `calm`, at ends and where no call is unfinished,
              or `all`, after every step.
    progress: called from time to time; False ends the search.
    Errors: BadInput for an EXPR or a place that the scenario does not have, and as Scenario.start.
    """
    prepared = with_schedule(scenario, "rr")
    evidence = evidence_for(prepared, always=always, end=end)
    orders = read_orders(order, prepared.programs)
    expected = expected_outcomes(prepared, allow)
    expressions = [prepared.expression(text) for text in exprs]
    texts = [*exprs, *(text for one in evidence for text in one.texts)]
    with Model(prepared, texts, [one.places for one in orders]) as model:
        watched = [watched_value(model, one) for one in expressions]
        search = Search(model, limits, Asked(watched, evidence), invariants, progress)
        graph = search.run()
        bound = search.why_bounded
        findings = Findings(scenario, model, search, graph, exact=not bound)
        outcomes = findings.outcomes()
        return Exploration(
            scenario=scenario.name,
            rules=scenario.rules,
            complete=not bound,
            bound=bound,
            states=graph.size - (search.excluded is not None),
            transitions=graph.source.size,
            outcomes=outcomes,
            values=tuple(findings.values(expressions)),
            claims=judged(evidence, outcomes, bound=bound, schedule_to=findings.shown_to),
            expected=expected,
            growing=_growing(model) if bound else None,
            notes=notes_of(scenario),
            settings=settings_of(scenario),
            graph=graph,
        )


def _growing(model: Model) -> tuple[str, int] | None:
    """The cell that took the most values, and how many."""
    most = model.keys.most_values()
    return None if most is None else (name_of(model.vm, most[0], model.scenario.names), most[1])

"""`explore`: search or sample the schedules of a scenario, and say what was found."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from engine.explore.claims import expected_outcomes, judged
from engine.explore.exploration import Exploration
from engine.explore.findings import Findings
from engine.explore.job import Job
from engine.explore.limits import Limits, Progress, Sample
from engine.explore.model.consistency import CALM, Where
from engine.explore.model.transitions import Model
from engine.explore.prepared import notes_of, recipe_of, settings_of
from engine.explore.reduction import Reduction
from engine.explore.sample.findings import SampledFindings
from engine.explore.sample.processes import sampled
from engine.explore.sample.walks import MOST_STEPS
from engine.explore.search import Search
from engine.language.naming import name_of
from engine.scenario.loader import Scenario
from engine.words import plural


def explore(
    scenario: Scenario,
    *,
    exprs: Sequence[str] = (),
    always: Sequence[str] = (),
    end: Sequence[str] = (),
    order: Sequence[str] = (),
    limits: Limits = Limits(),  # noqa: B008  # it cannot be changed
    reduce: bool = False,
    sample: Sample | None = None,
    allow: Iterable[str] = (),
    invariants: Where = CALM,
    progress: Callable[[Progress], bool] | None = None,
) -> Exploration:
    """Search every schedule of a scenario, or sample some.

    exprs:    EXPR whose values at all ends are counted.
    always:   EXPR that have to hold after every step; end: at every end.
    order:    PLACE<PLACE: a schedule that comes to the second place first is left out.
    reduce:   leave out schedules that differ only in the order of independent steps: the outcomes are the
              same, and are not counted.
    sample:   take some schedules instead of searching all of them.
    allow:    outcomes that are expected, besides those that the scenario expects.
    invariants: where the machine's invariants are checked: `calm`, at ends and where no call is unfinished,
              or `all`, after every step. Not in samples.
    progress: called from time to time; False ends the search.
    Errors: BadInput for an EXPR, a place or an outcome that does not exist, and as Scenario.start.
    """
    expected = expected_outcomes(scenario, allow)
    job = Job(
        recipe=recipe_of(scenario),
        limits=limits,
        exprs=tuple(exprs),
        always=tuple(always),
        end=tuple(end),
        order=tuple(order),
    )
    if sample is not None:
        return _sampled(scenario, job, sample, expected, progress)
    return _searched(scenario, job, expected, progress, invariants, reduce=reduce)


def _searched(
    scenario: Scenario,
    job: Job,
    expected: frozenset[str],
    progress: Callable[[Progress], bool] | None,
    where: Where,
    *,
    reduce: bool,
) -> Exploration:
    with job.prepared() as ready:
        model, evidence = ready.model, ready.asked.evidence
        reduction = Reduction(model) if reduce else None
        search = Search(model, job.limits, ready.asked, where, progress, reduction)
        graph = search.run()
        bound = search.why_bounded
        findings = Findings(scenario, model, search, graph, exact=not (bound or reduce))
        outcomes = findings.outcomes()
        return Exploration(
            scenario=scenario.name,
            rules=scenario.rules,
            complete=not bound,
            bound=bound,
            states=graph.size - (search.excluded is not None),
            transitions=graph.source.size,
            outcomes=outcomes,
            values=tuple(findings.values(ready.expressions)),
            claims=judged(evidence, outcomes, bound=bound, schedule_to=findings.shown_to, reduced=reduce),
            expected=expected,
            growing=_growing(model) if bound else None,
            reduced=reduce,
            notes=notes_of(scenario),
            settings=settings_of(scenario),
            opening=model.opening,
            graph=graph,
        )


def _growing(model: Model) -> tuple[str, int] | None:
    """The cell that took the most values, and how many."""
    most = model.keys.most_values()
    return None if most is None else (name_of(model.vm, most[0], model.scenario.names), most[1])


def _sampled(
    scenario: Scenario,
    job: Job,
    sample: Sample,
    expected: frozenset[str],
    progress: Callable[[Progress], bool] | None,
) -> Exploration:
    tally = sampled(job, sample, progress)
    with job.prepared() as ready:
        model, asked, expressions = ready.model, ready.asked, ready.expressions
    findings = SampledFindings(
        scenario, model.names, model.opening, tally, uniform=sample.strategy == "random"
    )
    bound = plural(tally.schedules, "sampled schedule")
    outcomes = findings.outcomes()
    return Exploration(
        scenario=scenario.name,
        rules=scenario.rules,
        complete=False,
        bound=bound,
        states=None,
        transitions=tally.steps,
        outcomes=outcomes,
        values=tuple(findings.values(expressions)),
        claims=findings.claims(asked.evidence, outcomes, bound),
        expected=expected,
        sampled=tally.schedules,
        notes=(*notes_of(scenario, sampled=True), *_notes_of_samples(tally.cut, tally.excluded, job.limits)),
        settings=settings_of(scenario),
        opening=model.opening,
    )


def _notes_of_samples(cut: int, excluded: int, limits: Limits) -> list[str]:
    found = []
    if cut:
        where = f"{MOST_STEPS:,} steps or {limits.ticks:,} ticks"
        found.append(f"{plural(cut, 'schedule')} had not ended after {where}")
    if excluded:
        found.append(f"{plural(excluded, 'schedule')} left out by --order")
    return found

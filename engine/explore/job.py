"""What is explored, and what is asked about it, in a form that another process can be given."""

from __future__ import annotations

from dataclasses import dataclass

from engine.explore.claims import evidence_for
from engine.explore.limits import Limits
from engine.explore.model.transitions import Model
from engine.explore.model.watched import Asked, watched_value
from engine.explore.order import read_orders
from engine.explore.progress_words import check_progress
from engine.language.expressions import Expression
from engine.scenario.recipe import Recipe


@dataclass(frozen=True)
class Job:
    """What is explored, in a form that another process can be given; the parts as for `explore`."""

    recipe: Recipe
    limits: Limits
    exprs: tuple[str, ...] = ()
    always: tuple[str, ...] = ()
    end: tuple[str, ...] = ()
    order: tuple[str, ...] = ()

    def prepared(self) -> Ready:
        """Start the scenario, and compile what is asked.

        Errors: BadInput, as for `explore`.
        """
        scenario = self.recipe.scenario()
        evidence = evidence_for(scenario, always=self.always, end=self.end)
        expressions = tuple(scenario.expression(text) for text in self.exprs)
        orders = [one.places for one in read_orders(self.order, scenario.programs)]
        texts = [*self.exprs, *(text for one in evidence for text in one.texts)]
        check_progress(scenario, texts)
        model = Model(scenario, texts, orders)
        asked = Asked([watched_value(model, one) for one in expressions], evidence)
        return Ready(model, asked, expressions)


@dataclass(frozen=True)
class Ready:
    """A scenario that has started, and what is asked of it; as a context it ends the model's logging."""

    model: Model
    asked: Asked
    expressions: tuple[Expression, ...]

    def __enter__(self) -> Ready:
        return self

    def __exit__(self, *_: object) -> None:
        self.model.close()

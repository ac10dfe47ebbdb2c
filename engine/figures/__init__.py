"""run.*: what can be measured of a whole run, each figure defined once.

>>> from engine.figures import figure
>>> from engine.scenario.loader import load
>>> scenario = load("one-queue-or-1024")
>>> history = scenario.start()
>>> scenario.run(history)
'completed'
>>> figure(history, "run.locks.queue.contended"), figure(history, "run.placements.allocations")
(42, 32)

`engine.figures.figures` has the table of them, `engine.figures.touches` the touches that a run did: a new
kind of thread that touches memory is a source there.
"""

from engine.figures.figures import FIGURES, Figure
from engine.figures.latency import Latency
from engine.figures.names import check_figure, figure, figure_names

__all__ = ["FIGURES", "Figure", "Latency", "check_figure", "figure", "figure_names"]

"""The graph of states, and what can be said of it alone: counts, probabilities, cycles, simplest paths."""

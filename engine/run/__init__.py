"""Who takes the next step, what a step is, and the recorded run."""

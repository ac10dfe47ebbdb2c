"""Recorded traces, for the tests that replay them."""

from tests.engine.inputs.recorded_traces import recorder, story, write

__all__ = ["recorder", "story", "write"]

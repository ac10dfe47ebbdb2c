"""The programs a person meets; imports the engine, never the reverse."""

DEFAULT_SCENARIO = "life-of-a-page"
"""What a newcomer sees first."""

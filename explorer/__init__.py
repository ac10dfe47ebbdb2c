"""The programs a person meets; imports the engine, never the reverse."""

DEFAULT_SCENARIO = "life-of-a-page"
"""What a newcomer sees first."""

THEMES = ("dark", "light", "high-contrast", "monochrome")
"""The themes of the screen, the default first; here, so that `--help` can name them and load nothing."""

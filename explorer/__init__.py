"""The programs a person meets; imports the engine, never the reverse."""

DEFAULT_SCENARIO = "life-of-a-page"
"""The scenario that opens by default."""

THEMES = ("dark", "light", "high-contrast", "monochrome")
"""The themes of the screen, the default first; here so that `--help` can list them without other imports."""

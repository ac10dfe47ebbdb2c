"""Schedulers, one per file; engine.run.schedule finds them by listing this package."""

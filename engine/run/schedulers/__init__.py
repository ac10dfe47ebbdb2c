"""The ways to choose who takes the next step, one file each; engine.run.schedule lists the package."""

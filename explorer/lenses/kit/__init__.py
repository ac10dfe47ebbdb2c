"""The parts shared by all lenses: drawing tools, the Lens type, shared rows, the registry."""

"""The screens: the main one, the help page and the scenario's lesson."""

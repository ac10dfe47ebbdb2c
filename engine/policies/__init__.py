"""Replacement policies of the textbooks, each one a class: how many references miss with N frames."""

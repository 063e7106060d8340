"""Findings → feedback → the writer again, within a counted budget."""

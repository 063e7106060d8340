"""Sections → Document: numbering, marks, the summary's budget."""

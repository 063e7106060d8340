"""Prompts, outlines and exemplars: text and data only; read through service.prompt."""

"""Outline and exemplar library, masking, token budget, rendering; the only reader of prompts/."""

"""Evals: the production pipeline run over cases and scored; benchmarks in bench/, cases in datasets/."""

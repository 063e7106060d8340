"""Benchmarks: each prints figures and ratios of one run; none of them is a timed test."""

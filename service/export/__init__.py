"""Document → file: one exporter per format."""

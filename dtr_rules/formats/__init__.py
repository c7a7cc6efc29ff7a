"""File formats of rule sets: one format, one file."""

"""File formats of rule sets: one format, one file. `read_any` reads whichever it is."""

from dtr_rules.formats.reading import parse_any, read_any

__all__ = ["parse_any", "read_any"]

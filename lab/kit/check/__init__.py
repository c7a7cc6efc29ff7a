"""Mistakes in what stands in the consoles already: one kind of file, one module here."""

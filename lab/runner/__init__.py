"""Scenarios: files that say what happens in a world and what each observer must have recorded; read, played, told."""

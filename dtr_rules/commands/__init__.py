"""The verbs of `dtr`, one file each. `dtr_rules.cli` puts them together."""

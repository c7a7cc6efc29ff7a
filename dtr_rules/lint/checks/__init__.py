"""The checks: one file each, each with a `CHECK`. `dtr_rules.lint.registry` lists them."""

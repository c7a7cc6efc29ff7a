"""The fast engine: tables made once from a rule set, and a decision in microseconds however many rules there are.

`Index(rule_set).decide(flow)` equals `evaluate(rule_set, flow)` for every flow, provenance included; the tests hold the
two together. `evaluate` is for reading, this is for programs that decide more than once.
"""

from dtr_rules.index.engine import Index

__all__ = ["Index"]

"""Device traffic rules: rule sets in, decisions and explanations out.

Pure: no sockets, no clock, no threads. The public face is `read_rule_set`, `Index` and the values that they take and
give, with `dtr_rules.evaluate.evaluate` and `dtr_rules.explain.explain` beside them. A program that decides asks an
`Index`; `evaluate` is the reference, to be read.

A name is imported when it is asked for: who only reads a file with `dtr_rules.source` waits for nothing else.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dtr_rules.expectations import Expectation, RuleTest
    from dtr_rules.explanation import Explanation
    from dtr_rules.formats.yaml import RuleSetFile, parse_rule_set, read_rule_set
    from dtr_rules.hosts import Address, Host, HostError, Name, is_loopback, parse_address, parse_host
    from dtr_rules.index import Index
    from dtr_rules.model import Action, Decision, Flow, Mode, Platform, Rule, RuleSet
    from dtr_rules.reasons import DecisionReason
    from dtr_rules.source import UnusableFileError

_HOMES = {
    "dtr_rules.expectations": "Expectation RuleTest",
    "dtr_rules.explanation": "Explanation",
    "dtr_rules.formats.yaml": "RuleSetFile parse_rule_set read_rule_set",
    "dtr_rules.hosts": "Address Host HostError Name is_loopback parse_address parse_host",
    "dtr_rules.index": "Index",
    "dtr_rules.model": "Action Decision Flow Mode Platform Rule RuleSet",
    "dtr_rules.reasons": "DecisionReason",
    "dtr_rules.source": "UnusableFileError",
}


def __getattr__(name: str) -> object:
    for home, names in _HOMES.items():
        if name in names.split():
            return getattr(importlib.import_module(home), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


__all__ = [
    "Action",
    "Address",
    "Decision",
    "DecisionReason",
    "Expectation",
    "Explanation",
    "Flow",
    "Host",
    "HostError",
    "Index",
    "Mode",
    "Name",
    "Platform",
    "Rule",
    "RuleSet",
    "RuleSetFile",
    "RuleTest",
    "UnusableFileError",
    "is_loopback",
    "parse_address",
    "parse_host",
    "parse_rule_set",
    "read_rule_set",
]

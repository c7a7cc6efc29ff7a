"""Device traffic rules: rule sets in, decisions and explanations out.

Pure: no sockets, no clock, no threads. The public face is `read_rule_set`, `Index`, `evaluate` and `explain`, and the
values that they take and give. A program that decides asks an `Index`; `evaluate` is the reference, to be read.
"""

from dtr_rules.evaluate import evaluate
from dtr_rules.expectations import Expectation, RuleTest
from dtr_rules.explain import explain
from dtr_rules.explanation import Explanation
from dtr_rules.formats.yaml import RuleSetFile, parse_rule_set, read_rule_set
from dtr_rules.hosts import Address, Host, HostError, Name, is_loopback, parse_address, parse_host
from dtr_rules.index import Index
from dtr_rules.model import Action, Decision, Flow, Mode, Platform, Rule, RuleSet
from dtr_rules.reasons import DecisionReason
from dtr_rules.source import UnusableFileError

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
    "evaluate",
    "explain",
    "is_loopback",
    "parse_address",
    "parse_host",
    "parse_rule_set",
    "read_rule_set",
]

"""What a rule set can and cannot do, exactly: proofs over every flow there is, each finding with an example flow.

The universe is that of `dtr_rules.hosts` and `dtr_rules.evaluate`: names of letters, digits and hyphens (253
characters, labels of 1 to 63, last label not a number) and address literals; a name's address known or not;
ports 1 to 65535; the apps that the sets name, Safari, and any other app, on every platform. `Covered` and an
empty `Difference` are proofs, and every example was confirmed by `evaluate`. What was too large for the budget is
`NotDecided`, never a guess.

Every question takes a rule set, or what `prepare` made of one: prepare once to ask often.
"""

from dtr_rules.analysis.answers import (
    Apps,
    Change,
    Cover,
    Covered,
    Difference,
    Effect,
    FlowClass,
    NotCovered,
    NotDecided,
    Overlap,
)
from dtr_rules.analysis.budget import Budget
from dtr_rules.analysis.covering import covering, never_deciding, overlapping, overlaps
from dtr_rules.analysis.differences import difference
from dtr_rules.analysis.examples import example
from dtr_rules.analysis.regions import Regions, prepare
from dtr_rules.analysis.standing import Standing

__all__ = [
    "Apps",
    "Budget",
    "Change",
    "Cover",
    "Covered",
    "Difference",
    "Effect",
    "FlowClass",
    "NotCovered",
    "NotDecided",
    "Overlap",
    "Regions",
    "Standing",
    "covering",
    "difference",
    "example",
    "never_deciding",
    "overlapping",
    "overlaps",
    "prepare",
]

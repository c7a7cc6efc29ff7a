"""What is counted of all connections since the gateway started: a few integers for each, no matter who came."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from dtr_rules.decision_log import DecisionRecord


@dataclass(slots=True)
class Tally:
    """By reason: CONNECTs admitted, connections refused or ended before their CONNECT, tunnels ended.

    `rules` counts decisions by the name of the rule that made them; `bytes_up` and `bytes_down` are of ended tunnels;
    `left_out` counts refusals that the decision log left out because their source caused too many.
    """

    admitted: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    ended: Counter[str] = field(default_factory=Counter)
    rules: Counter[str] = field(default_factory=Counter)
    bytes_up: int = 0
    bytes_down: int = 0
    left_out: int = 0

    def count(self, record: DecisionRecord) -> None:
        """What has a record, written or lost."""
        if record.event == "end":
            self.ended[record.reason] += 1
            self.bytes_up += record.bytes_up or 0
            self.bytes_down += record.bytes_down or 0
            return
        (self.admitted if record.admitted else self.refused)[record.reason] += 1
        if record.rule is not None:
            self.rules[record.rule] += 1

    def count_left_out(self, reason: str) -> None:
        """A refusal that has no record."""
        self.refused[reason] += 1
        self.left_out += 1

"""The answers of the analysis. Indexes count from 0, as in `Decision.rule_index`."""

from __future__ import annotations

from dataclasses import dataclass

from dtr_rules.analysis.standing import Standing
from dtr_rules.destinations import Ports
from dtr_rules.model import Action, Decision, Flow, Platform
from dtr_rules.reasons import DecisionReason


@dataclass(frozen=True, slots=True)
class NotDecided:
    """The question was too large for its budget; nothing is known. `why` is a sentence."""

    why: str


@dataclass(frozen=True, slots=True)
class NotCovered:
    """It can decide, and does for `example`."""

    example: Flow


@dataclass(frozen=True, slots=True)
class Cover:
    """A destination that comes earlier and decides what a covered one was written for, such as `example`."""

    rule_index: int
    destination_index: int
    example: Flow


@dataclass(frozen=True, slots=True)
class Covered:
    """It can never decide: whatever it matches, something that comes earlier matches too. A proof.

    `by` are earlier destinations that together leave nothing over, in the set's order, one for each rule; for a
    destination its own rule may be among them. Nothing in `by` means that no flow fits at all.

    `different` is a flow that gets another action or proxy than the covered rule's; None where no flow does, which
    is a proof, too. Here a name's address is taken as not known: that a name may resolve into an earlier
    rule's range goes for every name.
    """

    by: tuple[Cover, ...]
    different: Flow | None = None

    @property
    def rules(self) -> tuple[int, ...]:
        """The indexes of the rules in `by`."""
        return tuple(dict.fromkeys(each.rule_index for each in self.by))


@dataclass(frozen=True, slots=True)
class Overlap:
    """Rule `later` matches `example`, too, but rule `earlier` decides it.

    By the destinations with these indexes. `standing` is how the hosts of the earlier one stand to the later
    one's: `inside` is an exception before a general rule, as many sets have it.
    """

    earlier: int
    later: int
    earlier_destination: int
    later_destination: int
    standing: Standing
    example: Flow


@dataclass(frozen=True, slots=True)
class Effect:
    """What a decision comes to.

    Where only actions are compared, `rule` and `reason` are None. The reason `default-action` stands for Safari, too,
    to which the default does not apply: no rule matches.
    """

    action: Action
    proxy: str | None = None
    reason: DecisionReason | None = None
    rule: str | None = None


@dataclass(frozen=True, slots=True)
class Apps:
    """Apps on some platforms: those named, and with `others` every app that neither set names (and an
    app that is not known)."""

    platforms: tuple[Platform, ...]
    named: tuple[str, ...]
    others: bool
    """Whether it goes for all other apps, too."""
    every: bool
    """Whether it goes for every app of these platforms, so that the names need not be listed."""


@dataclass(frozen=True, slots=True)
class FlowClass:
    """Flows whose decision changes in one way.

    `hosts` are patterns of the two sets that a host here matches all at once (a range is matched by the address);
    empty means hosts that no rule of either set takes, and `*` in a change of who carries the VPN profile every
    host that had this effect. What an earlier rule takes out of them is not written down. For every app and
    port listed there is such a host. `example` is one such flow.
    """

    hosts: tuple[str, ...]
    ports: tuple[Ports, ...] | None
    """None for all ports."""
    apps: tuple[Apps, ...]
    example: Flow
    old: Decision
    new: Decision
    crossing: bool = False
    """Whether its patterns only cross. One such class then stands for every rule of the other set that does the
    same thing to flows of the changed rule, of which there may be many."""


@dataclass(frozen=True, slots=True)
class Change:
    """Everything that changes from one effect to another: its classes of flows, at least one."""

    old: Effect
    new: Effect
    classes: tuple[FlowClass, ...]

    @property
    def example(self) -> Flow:
        """One flow of it, confirmed by `evaluate` with both sets."""
        return self.classes[0].example

    @property
    def old_decision(self) -> Decision:
        """What the old set decides for the example."""
        return self.classes[0].old

    @property
    def new_decision(self) -> Decision:
        """What the new set decides for the example."""
        return self.classes[0].new


@dataclass(frozen=True, slots=True)
class Difference:
    """What changes in effect from one set to another.

    Without changes and without anything undecided, the two sets decide every flow alike: that is a proof.
    """

    changes: tuple[Change, ...]
    undecided: tuple[str, ...] = ()
    """What could not be decided within the budget, in sentences."""

    @property
    def no_effect(self) -> bool:
        """Whether it is proved that no flow's decision changes."""
        return not self.changes and not self.undecided

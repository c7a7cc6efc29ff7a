"""What the identity providers' own logs say: Okta's System Log, Entra's sign-in log."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Literal

from pydantic import Field

from lab.evidence import EVALUATION, SIGN_IN_EVENTS
from lab.record import Entry, Provider
from lab.runner.expectations.addresses import seen_from
from lab.runner.expectations.finding import NOTHING, Expectation, Finding, excludes, includes, same
from lab.runner.stage import Evidence

OUTSIDE: Final = "none"


class AtOkta(Expectation):
    """`did` is the verdict of the last policy evaluation; `nothing` means that no login reached the org.

    `zone: none` is outside of all zones; `from` is whose the addresses of all the login's events are.
    """

    did: Literal["ALLOW", "DENY", "CHALLENGE", "nothing"] | None = None
    rule: str | None = None
    zone: str | None = None
    from_: str | None = Field(default=None, alias="from")
    events: tuple[str, ...] = ()
    no_events: tuple[str, ...] = ()

    def findings(self, evidence: Evidence) -> Iterable[Finding]:
        entries = _of(evidence, Provider.OKTA)
        judged = [entry for entry in entries if entry.event == EVALUATION]
        last = judged[-1] if judged else None
        if self.did is not None:
            yield same("did", self.did, _verdict(entries, last))
        if self.rule is not None:
            yield same("rule", self.rule, last.by if last else NOTHING)
        if self.zone is not None:
            yield same("zone", self.zone, (last.zone or OUTSIDE) if last else NOTHING)
        if self.from_ is not None:
            yield seen_from("from", self.from_, [entry.address for entry in entries], evidence)
        written = [entry.event for entry in entries]
        if self.events:
            yield includes("events", self.events, written)
        if self.no_events:
            yield excludes("no-events", self.no_events, written)


class AtEntra(Expectation):
    """`did` is the result of the last entry; `policy` the conditional access policy that blocked."""

    did: Literal["success", "failure", "nothing"] | None = None
    code: int | None = None
    policy: str | None = None
    from_: str | None = Field(default=None, alias="from")

    def findings(self, evidence: Evidence) -> Iterable[Finding]:
        entries = _of(evidence, Provider.ENTRA)
        last = entries[-1] if entries else None
        if self.did is not None:
            yield same("did", self.did, last.result if last else NOTHING)
        if self.code is not None:
            yield same("code", str(self.code), str(last.code) if last else NOTHING)
        if self.policy is not None:
            yield same("policy", self.policy, last.by if last else NOTHING)
        if self.from_ is not None:
            yield seen_from("from", self.from_, [entry.address for entry in entries], evidence)


def _of(evidence: Evidence, provider: Provider) -> list[Entry]:
    return [entry for entry in evidence.entries if entry.provider is provider]


def _verdict(entries: list[Entry], last: Entry | None) -> str:
    """A wrong password is judged by no policy, and still a login that reached the org."""
    if last is not None:
        return last.result
    reached = [entry for entry in entries if entry.event in SIGN_IN_EVENTS]
    return f"no policy evaluation, {reached[-1].event} {reached[-1].result}" if reached else NOTHING

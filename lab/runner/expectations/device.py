"""What the device knows: which way its connections went, and how it ended for the app."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from lab.device import Path
from lab.device.outcome import Outcome
from lab.runner.expectations.finding import NOTHING, Expectation, Finding, same, same_set
from lab.runner.stage import Evidence


class AtDevice(Expectation):
    """`path` is one way for all connections of the login, or one for each host; `says` is part of what the app
    shows.
    """

    outcome: Outcome | None = None
    path: Path | Mapping[str, Path] | None = None
    reason: str | None = None
    says: str | None = None

    def findings(self, evidence: Evidence) -> Iterable[Finding]:
        login = evidence.login
        if self.outcome is not None:
            was = login.outcome.value if login else NOTHING
            words = f" ({login.words})" if login and login.words else ""
            yield Finding(("outcome",), "outcome", self.outcome.value, f"{was}{words}", was == self.outcome.value)
        if isinstance(self.path, Path):
            yield same_set("path", [self.path.value], [each.path.value for each in evidence.connections])
        elif self.path is not None:
            for host, path in self.path.items():
                went = [each.path.value for each in evidence.connections if each.host == host]
                yield _at_host(host, path, went)
        if self.reason is not None:
            yield same("reason", self.reason, login.refusal.reason if login and login.refusal else NOTHING)
        if self.says is not None:
            words = login.words if login else ""
            yield Finding(("says",), "words", self.says, words or NOTHING, self.says in words)


def _at_host(host: str, path: Path, went: list[str]) -> Finding:
    found = same_set("path", [path.value], went, what=f"path to {host}")
    return Finding(("path", host), found.what, found.expected, found.was, found.met)

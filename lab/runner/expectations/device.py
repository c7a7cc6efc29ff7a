"""What the device knows: which way its connections went, and how it ended for the app."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from lab.device import Path
from lab.device.apps import apps_on
from lab.device.outcome import Outcome
from lab.runner.expectations.finding import NOTHING, Expectation, Finding, same, same_set
from lab.runner.stage import Evidence


class AtDevice(Expectation):
    """`path` is one way for all connections of the login, or one for each host; `says` is part of what the app
    shows, `opened-by` who opened a host's connections, by key or identifier, and `asked` what the user was asked for.
    """

    outcome: Outcome | None = None
    path: Path | Mapping[str, Path] | None = None
    reason: str | None = None
    says: str | None = None
    opened_by: Mapping[str, str] | None = None
    asked: tuple[str, ...] | None = None
    challenged: bool | None = None

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
        for host, app in (self.opened_by or {}).items():
            opened = [each.opened_by for each in evidence.connections if each.host == host]
            yield _openers(host, app, opened, evidence)
        if self.asked is not None:
            yield same_set("asked", self.asked, login.asked if login else (), what="asked for")
        if self.challenged is not None:
            was = str(bool(login and login.challenged)).lower()
            yield same("challenged", str(self.challenged).lower(), was)
        if self.says is not None:
            words = login.words if login else ""
            yield Finding(("says",), "words", self.says, words or NOTHING, self.says in words)


def _at_host(host: str, path: Path, went: list[str]) -> Finding:
    found = same_set("path", [path.value], went, what=f"path to {host}")
    return Finding(("path", host), found.what, found.expected, found.was, found.met)


def _openers(host: str, app: str, opened: list[str], evidence: Evidence) -> Finding:
    """The file names apps by the catalogue's keys; the journal has identifiers."""
    login = evidence.login
    known = apps_on(evidence.operations.world.devices[login.device].platform) if login else ()
    keys = {each.id: each.key for each in known}
    found = same_set("opened-by", [app], [keys.get(each, each) for each in opened], what=f"who opened {host}")
    return Finding(("opened-by", host), found.what, found.expected, found.was, found.met)

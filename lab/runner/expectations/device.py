"""What the device knows: which way its connections went, and how it ended for the app."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from lab.device import Path
from lab.device.apps import apps_on
from lab.device.outcome import Outcome
from lab.runner.expectations.finding import NOTHING, Expectation, Finding, listed, same, same_set
from lab.runner.stage import Evidence


class AtDevice(Expectation):
    """`outcome` is that of all logins of the step. `path` is one way for all their connections, or one for each host;
    `path-of` is one for each app.

    `opened-by` is who opened a host's connections, `says` part of what the app shows, `asked` what the user was asked
    for. Apps are named by their keys in the catalogue.
    """

    outcome: Outcome | None = None
    path: Path | Mapping[str, Path] | None = None
    path_of: Mapping[str, Path] | None = None
    reason: str | None = None
    says: str | None = None
    opened_by: Mapping[str, str] | None = None
    asked: tuple[str, ...] | None = None
    challenged: bool | None = None

    def findings(self, evidence: Evidence) -> Iterable[Finding]:
        yield from self._ways(evidence)
        yield from self._openers(evidence)
        yield from self._ending(evidence)

    def _ways(self, evidence: Evidence) -> Iterable[Finding]:
        if isinstance(self.path, Path):
            yield same_set("path", [self.path.value], [each.path.value for each in evidence.connections])
        elif self.path is not None:
            for host, path in self.path.items():
                went = [each.path.value for each in evidence.connections if each.host == host]
                yield _below("path", host, same_set("path", [path.value], went, what=f"path to {host}"))
        for app, path in (self.path_of or {}).items():
            went = [each.path.value for each in evidence.connections if _key(each.opened_by, evidence) == app]
            yield _below("path-of", app, same_set("path-of", [path.value], went, what=f"path of {app}"))

    def _openers(self, evidence: Evidence) -> Iterable[Finding]:
        for host, app in (self.opened_by or {}).items():
            opened = [_key(each.opened_by, evidence) for each in evidence.connections if each.host == host]
            yield _below("opened-by", host, same_set("opened-by", [app], opened, what=f"who opened {host}"))

    def _ending(self, evidence: Evidence) -> Iterable[Finding]:
        login = evidence.login
        words = login.words if login else ""
        if self.outcome is not None:
            was = listed(each.outcome.value for each in evidence.done.logins)
            shown = f"{was} ({words})" if words else was
            yield Finding(("outcome",), "outcome", self.outcome.value, shown, was == self.outcome.value)
        if self.reason is not None:
            yield same("reason", self.reason, login.refusal.reason if login and login.refusal else NOTHING)
        if self.asked is not None:
            yield same_set("asked", self.asked, login.asked if login else (), what="asked for")
        if self.challenged is not None:
            was = str(bool(login and login.challenged)).lower()
            yield same("challenged", str(self.challenged).lower(), was)
        if self.says is not None:
            yield Finding(("says",), "words", self.says, words or NOTHING, self.says in words)


def _below(key: str, name: str, found: Finding) -> Finding:
    """A finding about one entry of the mapping at `key`."""
    return replace(found, path=(key, name))


def _key(identifier: str, evidence: Evidence) -> str:
    """The key of the app that the journal has by its identifier; the identifier, where the catalogue has none."""
    login = evidence.login
    known = apps_on(evidence.operations.world.devices[login.device].platform) if login else ()
    return next((app.key for app in known if app.id == identifier), identifier)

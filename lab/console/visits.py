"""What programs behind the devices' proxies did: nobody of the lab has told them to, so it is read out of the logs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from lab.device import AppUnknownError
from lab.device.apps import App
from lab.device.device import SYSTEM, Device
from lab.device.outcome import Outcome
from lab.device.transport import Attempt
from lab.evidence import EVALUATION, decision, entra_entry, okta_entry
from lab.logbooks import Mark, Pages, mark, pages_since
from lab.operations import Operations
from lab.operations.observation import connections
from lab.record import Connection, Decision, Entry, Login, LoginKind, Provider


class Visits:
    """The visits since the last time that somebody asked, or since a step was done."""

    def __init__(self, operations: Operations) -> None:
        self._operations = operations
        self._world = operations.world
        self._begin = mark(self._world)
        self._last = 0
        self._who: Final[dict[str, str]] = {}
        """Whose connections came last from an address, by the names of devices."""

    def begin_anew(self) -> None:
        """Whatever stands in the logs by now is known."""
        self._begin = mark(self._world)

    @property
    def has_news(self) -> bool:
        """Whether the logs have grown."""
        return self._length() > _length_at(self._begin)

    @property
    def has_settled(self) -> bool:
        """Whether they have news, and have not grown since this was asked last."""
        before, self._last = self._last, self._length()
        return self.has_news and before == self._last

    async def collect(self) -> list[Login]:
        """A record for each device with news. Raises ProgramFailedError where the gateway does not write its part."""
        begin = self._begin
        pages = await pages_since(self._world, begin)
        self.begin_anew()
        entries = _entries(pages)
        found = []
        for name, device in self._world.devices.items():
            attempts = [each for each in device.journal[begin.journals[name] :] if each.app != SYSTEM]
            links = connections(attempts, _decisions(pages, device, attempts))
            self._who.update({each.source: name for each in links if each.source})
            own = tuple(entry for entry in entries if self._who.get(entry.address) == name)
            if links or own:
                found.append(self._login(device, pages, attempts, links, own))
        return found

    def _length(self) -> int:
        world = self._world
        journals = sum(len(device.journal) for device in world.devices.values())
        return journals + len(world.servers.okta.log.events) + len(world.servers.entra.log.entries)

    def _login(
        self,
        device: Device,
        pages: Pages,
        attempts: Sequence[Attempt],
        links: tuple[Connection, ...],
        entries: tuple[Entry, ...],
    ) -> Login:
        app = _app(device, attempts)
        failed = [each for each in links if each.failure or each.refusal is not None]
        outcome = _outcome(links, failed, entries)
        return Login(
            number=self._operations.logins.next_number(),
            step=self._operations.logins.step,
            kind=LoginKind.VISIT,
            device=device.name,
            platform=device.platform.value,
            app=app.id,
            app_name=app.name,
            surface=app.surface.value,
            at=links[0].host if links else entries[0].provider.value,
            user=next((entry.user for entry in reversed(entries) if entry.user), ""),
            time=self._world.clock.now(),
            connections=links,
            decisions=_decisions(pages, device, attempts),
            entries=entries,
            outcome=outcome,
            words=failed[-1].failure if failed and outcome is Outcome.NEVER_REACHED else "",
            refusal=next((each.refusal for each in failed if each.refusal is not None), None),
        )


def _length_at(point: Mark) -> int:
    return sum(point.journals.values()) + point.okta + point.entra


def _entries(pages: Pages) -> list[Entry]:
    return [*map(okta_entry, pages.okta_events), *map(entra_entry, pages.entra_sign_ins)]


def _decisions(pages: Pages, device: Device, attempts: Iterable[Attempt]) -> tuple[Decision, ...]:
    """The gateway's records that name the device, and those that its refusals name."""
    named = {each.refusal.decision_id for each in attempts if each.refusal is not None}
    found = map(decision, pages.decisions)
    return tuple(
        each for each in found if each.decision_id in named or (each.udid or "").lower() == device.udid.lower()
    )


def _app(device: Device, attempts: Sequence[Attempt]) -> App:
    try:
        return device.app(attempts[0].app) if attempts else device.browser
    except AppUnknownError:
        return device.browser


def _outcome(links: Sequence[Connection], failed: Sequence[Connection], entries: Sequence[Entry]) -> Outcome:
    """A provider's last word, where it said one; else whether anybody was reached."""
    for entry in reversed(entries):
        if entry.provider is Provider.ENTRA or entry.event == EVALUATION:
            return Outcome.DENIED if entry.result in ("DENY", "failure") else Outcome.ALLOWED
    return Outcome.NEVER_REACHED if links and len(failed) == len(links) else Outcome.ALLOWED

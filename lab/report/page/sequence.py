"""A login as a sequence diagram has it: lifelines, and what goes from one to another, top down.

Connections come in the order in which the device opened them. What the providers wrote down comes after them, in the
order of their logs: the record does not say between which connections an entry was written.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from dtr_rules import Platform
from lab.device import Path
from lab.device.apps import AppUnknownError, find_app
from lab.record import Connection, Decision, Entry, Login, Provider
from lab.report.page.parties import TITLES, Parties
from lab.report.page.tone import REFUSALS, Tone, end_words, tone_of_entries, tone_of_outcome

GATEWAY: Final = "gateway"
_DEVICE: Final = "device"
_HOST: Final = "host "
"""What the keys of lifelines begin with that are no party's of the lab, so that no host is taken for one."""


class Way(StrEnum):
    """What an arrow stands for."""

    TUNNEL = "tunnel"
    DIRECT = "direct"
    ANSWER = "answer"


@dataclass(frozen=True, slots=True)
class Lifeline:
    """A party of the login. `details` are its host name and its addresses."""

    key: str
    title: str
    details: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Arrow:
    """Something that goes from one lifeline to another, or was to: `stopped` says that it did not arrive.

    `words` say what, `reason` why it goes this way.
    """

    start: str
    end: str
    way: Way
    words: str
    reason: str = ""
    stopped: bool = False


@dataclass(frozen=True, slots=True)
class Note:
    """What a party decided or wrote down; `lines` are the particulars."""

    at: str
    tone: Tone
    words: str
    lines: tuple[str, ...] = ()


Event = Arrow | Note


@dataclass(frozen=True, slots=True)
class Sequence:
    """A whole diagram: its lifelines from left to right, its events from top to bottom."""

    lifelines: tuple[Lifeline, ...]
    events: tuple[Event, ...]

    def title_of(self, key: str) -> str:
        """What a lifeline is called."""
        return next(each.title for each in self.lifelines if each.key == key)


def sequence_of(login: Login, parties: Parties) -> Sequence:
    """The diagram of a login."""
    return _Drawing(login, parties).sequence()


class _Drawing:
    """One login among the parties of its run."""

    def __init__(self, login: Login, parties: Parties) -> None:
        self._login = login
        self._parties = parties
        self._decisions: Final = {each.decision_id: each for each in login.decisions}

    def sequence(self) -> Sequence:
        return Sequence(tuple(self._lifelines()), (*self._connections(), *self._logs(), self._end()))

    # --- lifelines --------------------------------------------------------------------------------

    def _lifelines(self) -> Iterator[Lifeline]:
        device, gateway = self._parties.device(self._login.device), self._parties.gateway()
        yield Lifeline(_DEVICE, device.name, (self._login.platform, *self._device_addresses()))
        yield Lifeline(GATEWAY, "Gateway", gateway.addresses)
        reached = [self._key(each.host) for each in self._login.connections]
        for key in dict.fromkeys([*reached, *(entry.provider.value for entry in self._login.entries)]):
            yield self._far_end(key)

    def _far_end(self, key: str) -> Lifeline:
        if key.startswith(_HOST):
            return Lifeline(key, key.removeprefix(_HOST))
        provider = Provider(key)
        party = self._parties.provider(provider)
        return Lifeline(key, TITLES[provider], (party.name, *party.addresses))

    def _device_addresses(self) -> tuple[str, ...]:
        """Where it was when it went direct; else where it was when the run began."""
        direct = {each.source: None for each in self._login.connections if each.path is Path.DIRECT and each.source}
        return tuple(direct) or self._parties.device(self._login.device).addresses

    def _key(self, host: str) -> str:
        provider = self._parties.provider_at(host)
        return provider.value if provider else f"{_HOST}{host}"

    # --- connections ------------------------------------------------------------------------------

    def _connections(self) -> Iterator[Event]:
        """Equal ones that follow each other are one, with their number."""
        told = [(tuple(self._connection(each)), each) for each in self._login.connections]
        for events, group in itertools.groupby(told, key=lambda each: each[0]):
            count = sum(1 for _ in group)
            first, *rest = events
            assert isinstance(first, Arrow)
            words = f"{first.words}, {count} times" if count > 1 else first.words
            yield Arrow(first.start, first.end, first.way, words, first.reason, first.stopped)
            yield from rest

    def _connection(self, each: Connection) -> Iterator[Event]:
        words = f"{self._app_name(each.opened_by)} opens {each.host}:{each.port}"
        match each.path:
            case Path.BLOCKED:
                yield Arrow(_DEVICE, GATEWAY, Way.DIRECT, words, each.why, stopped=True)
                yield Note(_DEVICE, Tone.BAD, "Blocked on the device: nothing leaves it")
            case Path.DIRECT:
                yield self._direct(each, words)
                if each.failure:
                    yield Note(_DEVICE, Tone.BAD, "The connection came to nothing", (each.failure,))
            case Path.TUNNEL:
                yield from self._tunnelled(each, words)

    def _direct(self, each: Connection, words: str) -> Arrow:
        source = f"from {self._parties.named(each.source, self._login)}" if each.source else ""
        words = ", ".join(filter(None, (f"{words}, past the gateway", source)))
        return Arrow(_DEVICE, self._key(each.host), Way.DIRECT, words, each.why, stopped=bool(each.failure))

    def _tunnelled(self, each: Connection, words: str) -> Iterator[Event]:
        decision = self._decisions.get(each.decision_id or "")
        unheard = decision is None and each.refusal is None
        yield Arrow(_DEVICE, GATEWAY, Way.TUNNEL, words, each.why, stopped=unheard and bool(each.failure))
        if decision is not None:
            yield _judgement(decision)
        if each.refusal is not None:
            yield self._refusal(each)
        elif each.failure:
            yield Note(_DEVICE, Tone.BAD, "The connection came to nothing", (each.failure,))
        elif each.source:
            source = self._parties.named(each.source, self._login)
            yield Arrow(GATEWAY, self._key(each.host), Way.TUNNEL, f"to {each.host}:{each.port} from {source}")

    def _refusal(self, each: Connection) -> Arrow:
        assert each.refusal is not None
        words = f"Refused with status {each.refusal.status}: {each.refusal.reason or 'no reason given'}"
        return Arrow(GATEWAY, _DEVICE, Way.ANSWER, words, each.refusal.what_to_do)

    def _app_name(self, identifier: str) -> str:
        """What people call the app: the login's own, or one of the lab's catalogue."""
        if identifier == self._login.app:
            return self._login.app_name
        try:
            return find_app(Platform(self._login.platform), identifier).name
        except (ValueError, AppUnknownError):
            return identifier

    # --- logs and the end -------------------------------------------------------------------------

    def _logs(self) -> Iterator[Note]:
        def seen(entry: Entry) -> tuple[Provider, str, str]:
            return entry.provider, entry.address, entry.zone

        for (provider, address, zone), entries in itertools.groupby(self._login.entries, key=seen):
            where = f", {_in_zone(zone)}" if provider is Provider.OKTA else ""
            words = f"{TITLES[provider]} saw {self._parties.named(address, self._login)}{where}"
            found = tuple(entries)
            yield Note(provider.value, tone_of_entries(found), words, tuple(_lines(found)))
        wrote = {entry.provider for entry in self._login.entries}
        asked = dict.fromkeys(self._parties.provider_at(each.host) for each in self._login.connections)
        for silent in (each for each in asked if each is not None and each not in wrote):
            yield Note(silent.value, Tone.NEUTRAL, f"{TITLES[silent]} wrote nothing down")

    def _end(self) -> Note:
        login = self._login
        tone = tone_of_outcome(login.outcome)
        lines = login.words.splitlines()
        if login.asked:
            lines.append(f"The person was asked for: {', '.join(login.asked)}")
        if login.challenged:
            lines.append("The API wanted another token first")
        return Note(_DEVICE, tone, f"{login.app_name}: {end_words(login.outcome)}", tuple(lines))


def _judgement(decision: Decision) -> Note:
    reason = f"rule “{decision.rule}”" if decision.reason == "rule" and decision.rule else decision.reason
    lines = (decision.detail or "").splitlines()
    if decision.admitted:
        return Note(GATEWAY, Tone.GOOD, f"The gateway admits it: {reason}", tuple(lines))
    return Note(GATEWAY, Tone.BAD, f"The gateway refuses it: {reason}", tuple(lines))


def _in_zone(zone: str) -> str:
    return f"in zone “{zone}”" if zone else "in no zone"


def _lines(entries: Iterable[Entry]) -> Iterator[str]:
    """Judgements one by one; of what went well besides, one line."""
    quiet: list[str] = []
    for entry in entries:
        if entry.provider is Provider.OKTA and entry.result == "SUCCESS" and not entry.by:
            quiet.append(entry.event)
        else:
            yield judgement_words(entry)
    if quiet:
        yield f"SUCCESS: {', '.join(_folded(quiet))}"


def _folded(events: Iterable[str]) -> Iterator[str]:
    """Events of one family as one: `app.oauth2.token.grant.{access_token, id_token}`."""
    for family, members in itertools.groupby(dict.fromkeys(events), key=lambda event: event.rpartition(".")[0]):
        names = [event.rpartition(".")[2] for event in members]
        yield f"{family}.{{{', '.join(names)}}}" if len(names) > 1 else f"{family}.{names[0]}".lstrip(".")


def judgement_words(entry: Entry) -> str:
    """What a provider decided, by which rule or policy, and why."""
    verdict = f"{entry.result} {entry.code}" if entry.code else entry.result
    kind = "rule" if entry.provider is Provider.OKTA else "policy"
    by = f" by {kind} “{entry.by}”" if entry.by else ""
    why = f": {entry.reason}" if entry.reason and entry.result in REFUSALS and not entry.by else ""
    return f"{entry.event} {verdict}{by}{why}"

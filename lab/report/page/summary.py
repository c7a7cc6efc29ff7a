"""What happened, in sentences: of a run, and of each of its logins."""

from __future__ import annotations

from collections import Counter
from typing import Final

from lab.device.outcome import Outcome
from lab.record import At, Entry, Login, LoginKind, Run
from lab.report.page.parties import TITLES, Parties
from lab.report.page.sequence import judgement_words
from lab.report.page.tone import REFUSALS, end_words


def verdict_of(run: Run) -> str:
    """Whether it came out as expected."""
    count = len(run.checks)
    if run.failure:
        return "Could not be played to its end"
    if not run.checks:
        return "Nothing was expected of this run"
    if run.as_expected:
        return f"As expected: {count} of {count} expectations met"
    return f"Not as expected: {count - len(run.unmet)} of {count} expectations met"


def logins_in_short(run: Run) -> str:
    """How many logins there were, and how they ended."""
    ended = Counter(login.outcome for login in run.logins)
    if not ended:
        return "no login"
    counts = [f"{ended[outcome]} {end_words(outcome)}" for outcome in Outcome if ended[outcome]]
    noun = "login" if len(run.logins) == 1 else "logins"
    return f"{len(run.logins)} {noun}: {', '.join(counts)}"


def headline_of(login: Login) -> str:
    """Which app on which device wanted what of whom."""
    who = f"{login.app_name} on {login.device}"
    at = _at(login)
    match login.kind:
        case LoginKind.SIGN_IN:
            return f"{who} signs {login.user or 'its user'} in at {at}"
        case LoginKind.ACCESS:
            return f"{who} is opened again and wants {login.user or 'its user'} signed in at {at}"
        case LoginKind.REFRESH:
            return f"{who} asks {at} for new tokens"
        case LoginKind.RESOURCE:
            return f"{who} calls the sample API"
        case LoginKind.VISIT:
            return f"{who} opens {login.at}"


_SHOWN: Final = {
    "own-web-view": "The app shows the login page itself.",
    "system-browser": "The login page opens in the system browser.",
    "broker": "The login page is the broker's.",
    "sso-extension": "The login page is the SSO extension's.",
    "native-mail": "The login page is the system's own, for native mail.",
}


def surface_of(login: Login) -> str:
    """Who shows the login page, where one can come up."""
    return _SHOWN.get(login.surface, "") if login.kind in (LoginKind.SIGN_IN, LoginKind.ACCESS) else ""


def explanation_of(login: Login, parties: Parties) -> str:
    """Who decided how it ended, and by what."""
    refusals = [decision for decision in login.decisions if not decision.admitted]
    if login.refusal is not None:
        reason = login.refusal.reason or (refusals[-1].reason if refusals else f"status {login.refusal.status}")
        return f"The gateway refused: {reason}."
    refusing = [entry for entry in login.entries if entry.result in REFUSALS]
    if refusing and login.outcome is not Outcome.ALLOWED:
        return _refused(refusing[-1], login, parties)
    words = [f"{login.words.rstrip('.')}."] if login.words else []
    return " ".join([*words, *_seen(login, parties)])


def _at(login: Login) -> str:
    try:
        return At(login.at).words
    except ValueError:
        return login.at


def _seen(login: Login, parties: Parties) -> list[str]:
    """Who saw which address: providers by their logs, others by the connections that reached them."""
    others = [
        (each.host, each.source)
        for each in login.connections
        if each.source and not each.failure and parties.provider_at(each.host) is None
    ]
    seen = dict.fromkeys([*others, *((TITLES[entry.provider], entry.address) for entry in login.entries)])
    return [f"{who} saw {parties.named(address, login)}." for who, address in seen]


def _refused(entry: Entry, login: Login, parties: Parties) -> str:
    address = parties.named(entry.address, login)
    return f"{TITLES[entry.provider]} saw {address}, and wrote down: {judgement_words(entry)}."

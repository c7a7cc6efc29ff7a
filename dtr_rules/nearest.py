"""Which destination of a rule came nearest to a host that none of them matches, and which app to an app: for people
who look for a typo."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from dtr_rules.destinations import AddressRange, Destination, NamePattern
from dtr_rules.hosts import Address, Host

_ALIKE = 0.8  # difflib's ratio from which two names look like a slip of the pen
_APPS_ALIKE = 0.9  # the same for app ids, which have their first labels in common
_COMMON_LABELS = 2  # `okta.com` in common says something, `com` does not
_BITS_APART = {4: 16, 6: 80}  # how far from a range an address still counts as near it


def nearest(destinations: Iterable[Destination], host: Host, address: Address | None) -> Destination | None:
    """The destination that looks most like the host or its address, or None where none is near."""
    scored = [(_nearness(each, host, address), each) for each in destinations]
    best = max(scored, key=lambda pair: pair[0], default=None)
    return best[1] if best is not None and best[0] > (0, 0.0) else None


def nearest_app(apps: Iterable[str], app: str) -> str | None:
    """The app id that looks like a slip of the pen for `app`, or differs in case alone; None where none is near."""
    by_lower = {each.lower(): each for each in sorted(apps)}
    found = difflib.get_close_matches(app.lower(), by_lower, n=1, cutoff=_APPS_ALIKE)
    return by_lower[found[0]] if found else None


def _nearness(destination: Destination, host: Host, address: Address | None) -> tuple[int, float]:
    """Labels in common from the right, then likeness from 0 to 1; (0, 0) where far."""
    if isinstance(destination.target, AddressRange):
        known = host if isinstance(host, Address) else address
        return (0, 0.0) if known is None else (0, _closeness(destination.target, known))
    if isinstance(host, Address) or destination.target.is_everything:
        return 0, 0.0
    return _likeness(destination.target, host.text)


def _likeness(pattern: NamePattern, name: str) -> tuple[int, float]:
    literal = pattern.literal.strip(".")
    common = 0
    for one, other in zip(reversed(literal.split(".")), reversed(name.split(".")), strict=False):
        if one != other:
            break
        common += 1
    ratio = difflib.SequenceMatcher(None, literal, name, autojunk=False).ratio()
    if common < _COMMON_LABELS and ratio < _ALIKE:
        return 0, 0.0
    return (common if common >= _COMMON_LABELS else 0), ratio


def _closeness(addresses: AddressRange, address: Address) -> float:
    if addresses.first.version != address.ip.version:
        return 0.0
    gap = max(int(addresses.first) - int(address.ip), int(address.ip) - int(addresses.last), 0)
    return max(0.0, 1 - gap.bit_length() / (_BITS_APART[address.ip.version] + 1))

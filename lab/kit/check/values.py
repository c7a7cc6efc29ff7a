"""Single values: URLs of the org, hosts, look-up values, the management hint. What is wrong with each, and the mend."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import urlsplit

from dtr_rules.lint.finding import Severity
from lab.kit.check.expected import Expected
from lab.kit.okta_names import LONGEST_HINT, LOOKUPS, SHORTEST_HINT
from lab.kit.placeholders import WHAT_FOR

_SAMPLES: Final = re.compile(
    r"your[-_.]?(okta|org|domain|tenant|secret)|enter[-_ ]secret|\{[-\w]*(org|okta|secret)[-\w ]*\}|<<", re.IGNORECASE
)
_WRAPPED: Final = re.compile(r"[\s{(\[<$%#@]*([A-Za-z][A-Za-z0-9]*)[\s})\]>%#@]*")
_OTHER_TOOLS: Final = {
    "udid": "{DeviceUid}",
    "serialnumber": "{DeviceSerialNumber}",
    "hardwareuuid": "{DeviceUid}",
    "deviceid": "{DeviceUid}",
    "deviceudid": "{DeviceUid}",
    "deviceserial": "{DeviceSerialNumber}",
}
"""Jamf's `$UDID`, Intune's `{{serialnumber}}`, Apple's `%SerialNumber%`, and slips."""


@dataclass(frozen=True, slots=True)
class Wrong:
    """What is wrong with a value, and what to write instead."""

    message: str
    fix: str
    severity: Severity = Severity.ERROR


def placeholder(value: str) -> Wrong | None:
    """A word of ours, or of somebody's manual, that was never replaced."""
    for word, what in WHAT_FOR.items():
        if word in value:
            return Wrong(f"'{word}' is still a placeholder", f"put {what} in its place")
    if _SAMPLES.search(value):
        return Wrong("this is a manual's example, not a value of yours", "put your own value in its place")
    return None


def org_url(value: str, expected: Expected) -> Wrong | None:
    """The URL at which Okta Verify finds the org."""
    wrong = placeholder(value)
    if wrong is not None:
        return wrong
    right = f"https://{expected.custom_domain or expected.org_host or 'acme.okta.com'}"
    if value != value.strip() or any(quote in value for quote in "\"'“”‘’"):
        return Wrong("spaces or quotation marks are part of this value", f"write {right}")
    if value.lower().startswith("http://"):
        return Wrong("the URL starts with http://", f"write https://{value[7:]}")
    has_scheme = "://" in value
    try:
        parts = urlsplit(value if has_scheme else f"https://{value}")
        host = (parts.hostname or "").lower()
    except ValueError:
        return Wrong("this is no URL", f"write {right}")
    if parts.scheme != "https" or not host:
        return Wrong("this is no https:// URL", f"write {right}")
    found = _org_host(host, expected)
    if found is not None:
        return replace(found, fix=found.fix.replace("write ", "write https://").replace(" or ", " or https://"))
    if parts.path not in ("", "/") or parts.query or parts.fragment:
        return Wrong("something follows the host", f"write https://{host}")
    if not has_scheme:
        words = "without https:// in front; Okta's examples for Windows have it, others leave it out (not confirmed)"
        return Wrong(words, f"write https://{host}", Severity.NOTE)
    return None


def host(value: str, expected: Expected) -> Wrong | None:
    """A host as lists of hosts have it: no scheme, no path."""
    wrong = placeholder(value)
    if wrong is not None:
        return wrong
    bare = value.strip()
    if "://" in bare or "/" in bare:
        name = (urlsplit(bare if "://" in bare else f"https://{bare}").hostname or "acme.okta.com").lower()
        of_console = _org_host(name, Expected())
        fix = f"write {name}" if of_console is None else of_console.fix
        return Wrong(f"'{value}' is a URL; a host stands here", fix)
    if bare != value or " " in value:
        return Wrong("spaces are part of this value", f"write {bare.replace(' ', '')}")
    if ":" in value:
        return Wrong(f"'{value}' names a port", f"write {value.partition(':')[0]}")
    if "*" in value:
        return Wrong(
            f"'{value}' has a star; here a leading dot stands for every subdomain", "write each host by itself"
        )
    return _org_host(value.lower(), expected) if not value.startswith(".") else None


def _org_host(name: str, expected: Expected) -> Wrong | None:
    first, dot, rest = name.partition(".")
    if first.endswith("-admin") and rest:
        return Wrong(f"'{name}' is the Admin Console's host", f"write {first.removesuffix('-admin')}{dot}{rest}")
    if expected.hosts and name not in expected.hosts:
        near = difflib.get_close_matches(name, expected.hosts, n=1, cutoff=0.6)
        hint = f" (did you mean '{near[0]}'?)" if near else ""
        return Wrong(f"'{name}' is no host of your org{hint}", f"write {' or '.join(expected.hosts)}")
    return None


def management_hint(value: object) -> Wrong | None:
    """The secret key. What is wrong is said without the secret."""
    if not isinstance(value, str):
        return Wrong("the management hint has to be a string", "choose String as its value type")
    wrong = placeholder(value)
    if wrong is not None:
        return Wrong(wrong.message, "put the secret key from Okta in its place")
    if not value.strip():
        return Wrong("the management hint is empty", "put the secret key from Okta in its place")
    if value != value.strip() or any(char.isspace() for char in value):
        return Wrong(
            "white space is part of the management hint", "copy the secret key again, without spaces or line breaks"
        )
    if value[0] in "\"'“‘" or value[-1] in "\"'”’":
        return Wrong("quotation marks are part of the management hint", "copy the secret key again, without them")
    if not SHORTEST_HINT <= len(value) <= LONGEST_HINT:
        words = f"a secret key has {SHORTEST_HINT} to {LONGEST_HINT} characters; this one has {len(value)}"
        return Wrong(words, "copy the secret key again")
    return None


def lookup(value: object, wanted: str) -> Wrong | None:
    """A look-up value of the UEM where `wanted` is the right one."""
    if value == wanted:
        return None
    if not isinstance(value, str):
        return Wrong("a look-up value has to be a string", f"write {wanted}")
    found = _WRAPPED.fullmatch(value)
    name = found[1].lower() if found else ""
    meant = next((each for each in LOOKUPS if each[1:-1].lower() == name), _OTHER_TOOLS.get(name))
    if meant is None:
        return _unknown(value, wanted)
    if value == meant:
        return Wrong(f"{value} is another look-up value than the key says", f"write {wanted}")
    return Wrong(
        f"'{value}' is no look-up value of the UEM: single braces, letters as in the console", f"write {wanted}"
    )


def _unknown(value: str, wanted: str) -> Wrong:
    near = difflib.get_close_matches(value, LOOKUPS, n=1, cutoff=0.6)
    if near:
        return Wrong(f"'{value}' is no look-up value of the UEM (did you mean '{near[0]}'?)", f"write {wanted}")
    # what stands here may be the secret in the wrong field: it is not repeated
    return Wrong("no look-up value of the UEM: every device would report the same", f"write {wanted}")


def near_key(key: str, known: Iterable[str]) -> str | None:
    """The known key that looks like a slip of the pen for `key`, or differs in case alone."""
    by_lower = {each.lower(): each for each in known}
    found = difflib.get_close_matches(key.lower().strip(), by_lower, n=1, cutoff=0.8)
    return by_lower[found[0]] if found else None

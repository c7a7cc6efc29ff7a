"""Hosts in one form each: a name as lower-case A-labels without trailing dot, or an IP address.

The universe is closed, so that every other part can reason about it: names of letters, digits and hyphens
(RFC 5890, 2.3.1) up to 253 characters with labels of 1 to 63 whose last label is not a number, and address
literals. Whatever the host parser of the WHATWG URL standard calls a failure is refused with a reason, and so
is what it would guess at: `127.1`, `0x7f.1` and `010.0.0.1` mean different hosts to different programs.

Three decisions. An IPv4-mapped IPv6 address (`::ffff:192.0.2.1`, RFC 4291, 2.5.5.2) reaches the IPv4 host, so
it is that IPv4 address here. A label that starts with `xn--` is taken as it stands: it is not decoded and not
checked. A label in other letters that mixes scripts as look-alikes do (`dtr_rules.scripts`) is refused with its
A-label, which is the way to write it for whoever means it.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from typing import Final, TypeAlias

import idna

from dtr_rules.characters import bidi_control
from dtr_rules.scripts import mixed_scripts

MAX_NAME: Final = 253  # RFC 1035, 2.3.4: 255 octets on the wire, two of which a written name does not show
MAX_LABEL: Final = 63
_MAX_INPUT: Final = 4 * MAX_NAME  # nothing longer can shrink to a name; mapping it would only cost time

_BLANK_OR_CONTROL = re.compile(r"[\s\x00-\x1f\x7f-\x9f]")
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")  # what the WHATWG parser takes for a number in the last label


class HostError(ValueError):
    """A text that is no host. Its message is the reason, in words, without the text itself."""


@dataclass(frozen=True, slots=True)
class Name:
    """A host name: lower-case A-labels, no trailing dot. `parse_host` makes and checks it."""

    text: str

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Address:
    """An IP address. IPv4-mapped ones are unwrapped; one with a zone id raises HostError."""

    ip: IPv4Address | IPv6Address

    def __post_init__(self) -> None:
        if isinstance(self.ip, IPv4Address):
            return
        if self.ip.scope_id is not None:
            raise HostError("has a zone id (after '%'), which means something on one machine only")
        if self.ip.ipv4_mapped is not None:
            object.__setattr__(self, "ip", self.ip.ipv4_mapped)

    def __str__(self) -> str:
        return str(self.ip)


Host: TypeAlias = Name | Address


@lru_cache(maxsize=4096)  # in a gateway and in a capture the same few come again and again
def parse_host(text: str) -> Host:
    """The host that `text` names. IPv6 with or without brackets. Raises HostError with the reason."""
    if not text:
        raise HostError("is empty")
    if len(text) > _MAX_INPUT:
        raise HostError(f"is longer than {MAX_NAME} characters")
    if _BLANK_OR_CONTROL.search(text):
        raise HostError("contains a space or a control character")
    refuse_bidi_controls(text)
    if "[" in text or "]" in text:
        return _bracketed(text)
    if ":" in text:
        return _with_colon(text)
    _refuse_url_parts(text)
    name = to_ascii(text).removesuffix(".")
    if _NUMBER.fullmatch(name.rpartition(".")[2]):
        return _ipv4(name, plain=text.isascii())
    check_name(name)
    return Name(name)


def parse_address(text: str) -> Address:
    """The IP address that `text` is. Raises HostError for anything else, names included."""
    host = parse_host(text)
    if isinstance(host, Name):
        raise HostError("is a name, not an IP address")
    return host


def is_loopback(host: Host) -> bool:
    """Whether the host is the device: `localhost`, `*.localhost` (RFC 6761, 6.3), 127.0.0.0/8, ::1."""
    if isinstance(host, Address):
        return int(host.ip) == 1 if host.ip.version == 6 else int(host.ip) >> 24 == 127
    name = host.text
    return name.endswith("localhost") and (name == "localhost" or name.endswith(".localhost"))


def to_ascii(text: str) -> str:
    """`text` with every label in lower-case A-label form (UTS 46, non-transitional; then IDNA 2008).

    Labels that are ASCII already are only made lower-case. Raises HostError where a label has no A-label
    form.
    """
    if text.isascii():
        return text.lower()
    try:
        labels = idna.uts46_remap(text, std3_rules=False, transitional=False).split(".")
        if any(unicodedata.bidirectional(char) in ("R", "AL", "AN") for label in labels for char in label):
            for label in filter(None, labels):  # RFC 5893, 2: one such label puts all of them under the rule
                idna.check_bidi(label, check_ltr=True)
        name = ".".join(label if label.isascii() else idna.alabel(label).decode("ascii") for label in labels)
    except idna.IDNAError as error:
        raise HostError(f"has no A-label form: {error}") from error
    for label in labels:
        mixed = None if label.isascii() else mixed_scripts(label)
        if mixed is not None:
            scripts, plain = " and ".join(mixed), name.strip(".")
            raise HostError(
                f"mixes {scripts} in one label, as look-alikes do; if it is meant, write its A-label form, '{plain}'"
            )
    return name


def refuse_bidi_controls(text: str) -> None:
    """Raise HostError where `text` holds a character that makes it read otherwise than it stands."""
    control = None if text.isascii() else bidi_control(text)
    if control is not None:
        raise HostError(f"contains the character {control}, which makes it read otherwise than it stands")


def check_name(name: str) -> None:
    """Raise HostError unless every label of `name` (lower-case, no trailing dot) and its length are right."""
    if not name:
        raise HostError("is empty")
    for label in name.split("."):
        check_label(label)
    if len(name) > MAX_NAME:
        raise HostError(f"is longer than {MAX_NAME} characters")


def check_label(label: str) -> None:
    """Raise HostError unless `label` (lower-case) may stand between the dots of a name."""
    if not label:
        raise HostError("has an empty label: two dots in a row, or a dot at an end")
    if len(label) > MAX_LABEL:
        raise HostError(f"has a label longer than {MAX_LABEL} characters")
    if _LABEL.fullmatch(label):
        return
    strange = next((char for char in label if not re.fullmatch(r"[a-z0-9-]", char)), None)
    if strange == "_":
        raise HostError("contains '_': a host name has letters, digits, hyphens and dots only")
    if strange is not None:
        raise HostError(f"contains {strange!r}: a host name has letters, digits, hyphens and dots only")
    raise HostError("has a label that starts or ends with a hyphen")


def is_number(label: str) -> bool:
    """Whether a last label (lower-case) makes the WHATWG parser take the whole host for an IPv4 address."""
    return _NUMBER.fullmatch(label) is not None


def _bracketed(text: str) -> Address:
    if not (text.startswith("[") and text.endswith("]")):
        raise HostError("has brackets around a part of it; only an IPv6 address stands in brackets, alone")
    inner = text[1:-1]
    if ":" not in inner:
        raise HostError("has brackets around something that is not an IPv6 address")
    return _ipv6(inner)


def _with_colon(text: str) -> Address:
    if "://" in text:
        raise HostError("is a URL; give the host alone")
    if text.count(":") == 1:
        raise HostError("contains ':'; give the host alone, without a port")
    return _ipv6(text)


def _ipv6(text: str) -> Address:
    if "%" in text:
        raise HostError("has a zone id (after '%'), which means something on one machine only")
    try:
        return Address(IPv6Address(text))
    except AddressValueError as error:
        raise HostError("is not an IPv6 address") from error


def _ipv4(text: str, *, plain: bool) -> Address:
    if plain:
        try:
            return Address(IPv4Address(text))
        except AddressValueError:
            pass
    parts = text.split(".")
    what = "ends in a number, so it must be an IPv4 address"
    if any(part.startswith("0x") for part in parts):
        what = "has a hexadecimal number where an IPv4 address is meant; write it"
    elif plain and any(part.isdigit() and part.startswith("0") and part != "0" for part in parts):
        what = "has a number with a leading zero, which is octal to some programs and decimal to others; write it"
    raise HostError(f"{what} in its plain form: four decimal numbers from 0 to 255, without leading zeros")


def _refuse_url_parts(text: str) -> None:
    if "%" in text:
        raise HostError("contains '%': percent-encoding is not read in a host")
    if "@" in text:
        raise HostError("contains '@'; give the host alone, without a user name")
    if any(char in text for char in "/\\?#"):
        raise HostError("contains a part of a URL; give the host alone, without a path")

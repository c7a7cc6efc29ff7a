"""A device's record in 64 bytes: a fleet may have a million, and as objects each would take seven times as much.

What many devices share (platform, compliance, group …) is kept once, and the record has its number. Layout: the moment
(float), the sweep (3 bytes), the number of what is shared with two bits for the UDID's spelling (4 bytes), the UEM's
own id of the device (16 bytes), and text behind that only where an id or a spelling is of no usual form.
"""

from __future__ import annotations

import re
import struct
from typing import Final

from tunnel_gateway.posture.model import DevicePosture

_MOMENT: Final = struct.Struct("<d")
_SWEEP: Final = slice(8, 11)
_DEVICE: Final = slice(11, None)
_SHARED: Final = slice(11, 15)
_UUID: Final = slice(15, 31)
_TEXT: Final = slice(31, None)
_AS_UDID, _IN_CAPITALS, _AS_TEXT = range(3)
_NO_UUID: Final = bytes(16)
_USUAL: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_MOST_SWEEPS: Final = 1 << 24


class Packing:
    """Packs records, and knows what they share."""

    def __init__(self) -> None:
        self._shared: list[DevicePosture] = []
        self._numbers: dict[tuple[object, ...], int] = {}

    def pack(self, posture: DevicePosture, as_of: float, sweep: int) -> bytes:
        """`sweep` is -1 or more."""
        uuid, spelling = _uuid(posture.uuid), _spelling(posture)
        text = b""
        if uuid is None or spelling == _AS_TEXT:
            spelled = _encoded(posture.spelled) if spelling == _AS_TEXT else b""
            text = len(spelled).to_bytes(4, "little") + spelled + (_encoded(posture.uuid) if uuid is None else b"")
        shared = (self._number(posture) << 2 | spelling).to_bytes(4, "little")
        return _MOMENT.pack(as_of) + packed_sweep(sweep) + shared + (uuid or _NO_UUID) + text

    def posture(self, udid: str, packed: bytes) -> DevicePosture:
        number = int.from_bytes(packed[_SHARED], "little")
        spelling = number & 3
        spelled, uuid = _texts(packed)
        if not uuid and packed[_UUID] != _NO_UUID:
            digits = packed[_UUID].hex()
            uuid = f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
        if spelling != _AS_TEXT:
            spelled = udid.upper() if spelling == _IN_CAPITALS else udid
        shared = self._shared[number >> 2]
        return DevicePosture(
            udid=udid,
            platform=shared.platform,
            enrolled=shared.enrolled,
            compliance=shared.compliance,
            compliance_word=shared.compliance_word,
            compromised=shared.compromised,
            uuid=uuid,
            group=shared.group,
            group_uuid=shared.group_uuid,
            ownership=shared.ownership,
            spelled=spelled,
        )

    def _number(self, posture: DevicePosture) -> int:
        shared = (
            posture.platform,
            posture.enrolled,
            posture.compliance,
            posture.compliance_word,
            posture.compromised,
            posture.group,
            posture.group_uuid,
            posture.ownership,
        )
        number = self._numbers.get(shared)
        if number is None:
            number = self._numbers[shared] = len(self._shared)
            self._shared.append(posture)
        return number


def moment(packed: bytes) -> float:
    return float(_MOMENT.unpack_from(packed)[0])


def sweep(packed: bytes) -> int:
    return int.from_bytes(packed[_SWEEP], "little") - 1


def is_of_sweep(packed: bytes, raw: bytes) -> bool:
    """Whether it was read by the sweep that `packed_sweep` made `raw` of."""
    return packed[_SWEEP] == raw


def packed_sweep(number: int) -> bytes:
    return ((number + 1) % _MOST_SWEEPS).to_bytes(3, "little")


def read_again(packed: bytes, as_of: float, sweep: int) -> bytes:
    """The same device as of another moment."""
    return _MOMENT.pack(as_of) + packed_sweep(sweep) + packed[_DEVICE]


def is_same(packed: bytes, other: bytes) -> bool:
    """Whether both say the same of a device, whenever they were read."""
    return packed[_DEVICE] == other[_DEVICE]


def has_uuid(packed: bytes, uuid: str) -> bool:
    raw = _uuid(uuid)
    return _texts(packed)[1] == uuid if raw is None else packed[_UUID] == raw


def _uuid(text: str) -> bytes | None:
    """Its 16 bytes where it has the usual form, in lower case; zeros where it is empty."""
    if not text:
        return _NO_UUID
    raw = bytes.fromhex(text.replace("-", "")) if _USUAL.fullmatch(text) else _NO_UUID
    return raw if raw != _NO_UUID else None


def _texts(packed: bytes) -> tuple[str, str]:
    """The spelling and the id as they stand behind the rest, empty where they do not."""
    text = packed[_TEXT]
    if not text:
        return "", ""
    size = 4 + int.from_bytes(text[:4], "little")
    return text[4:size].decode("utf-8", "surrogatepass"), text[size:].decode("utf-8", "surrogatepass")


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")  # JSON may hold half a character


def _spelling(posture: DevicePosture) -> int:
    if posture.spelled == posture.udid:
        return _AS_UDID
    return _IN_CAPITALS if posture.spelled == posture.udid.upper() else _AS_TEXT

"""What the tenant cannot do."""

from __future__ import annotations


class NotFoundError(LookupError):
    """The tenant has no such thing; the text says what."""


class DeviceUnknownError(NotFoundError):
    """No device of this tenant answers to that."""


class NotAllowedError(Exception):
    """The tenant does not do this for this device; the text says why."""

"""What a page shows of the world as it is now, in values that JSON has. Version 1."""

from __future__ import annotations

from typing import Any, Final

import pydantic

from lab.device.apps import Role
from lab.device.device import Device
from lab.list_history import lists_of
from lab.operations import Operations
from lab.operations.admitted import AdmittedList
from lab.record import Login, Party, Run, Step

_LOGIN: Final = pydantic.TypeAdapter(Login)
_PARTIES: Final = pydantic.TypeAdapter(tuple[Party, ...])
_STEP: Final = pydantic.TypeAdapter(Step)
_RUN: Final = pydantic.TypeAdapter(Run)


def login_view(login: Login) -> Any:
    """The record's own form."""
    return _LOGIN.dump_python(login, mode="json")


def step_view(step: Step) -> Any:
    """The record's own form."""
    return _STEP.dump_python(step, mode="json")


def parties_view(parties: tuple[Party, ...]) -> Any:
    """The record's own form."""
    return _PARTIES.dump_python(parties, mode="json")


def run_view(run: Run) -> Any:
    """The record's own form, with whether everything was as expected."""
    return {**_RUN.dump_python(run, mode="json"), "as_expected": run.as_expected}


async def world_view(operations: Operations) -> dict[str, Any]:
    """Devices, egress addresses and lists, by the clock of the emulated services. Raises httpx.HTTPError."""
    world, blocks = operations.world, await operations.gateway.blocks()
    return {
        "now": world.clock.now().isoformat(),
        "devices": [_device(operations, each, blocks.get(each.udid.lower())) for each in world.devices.values()],
        "egress": [{"address": at, "state": state} for at, state in (await operations.gateway.egress()).items()],
        "lists": [_list(kind, each) for kind, each in lists_of(operations).items()],
    }


def _device(operations: Operations, device: Device, blocked: str | None) -> dict[str, Any]:
    known = operations.uem.device(device.name)
    sample = known.sample if known is not None else None
    profile = device.profile
    return {
        "name": device.name,
        "platform": device.platform.value,
        "address": device.address,
        "managed": known is not None and known.managed,
        "compliance": known.compliance.value if known is not None else "",
        "passcode": sample is None or sample.passcode_present,
        "blocked": blocked,
        "profile": None if profile is None else {"id": profile.id, "version": profile.version, "mode": device.mode},
        "in_office": device.on_trusted_network,
        "apps": [
            {"key": app.key, "name": app.name, "surface": app.surface.value}
            for app in device.apps
            if app.role in (Role.APP, Role.BROWSER)
        ],
    }


def _list(kind: str, found: AdmittedList) -> dict[str, Any]:
    return {
        "kind": kind,
        "name": found.name,
        "entries": list(found.entries),
        "in_force": list(found.in_force),
        "due": None if found.due is None else found.due.isoformat(),
        "written_by": found.written_by,
    }

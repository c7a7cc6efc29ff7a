"""`GET /blocks`, `POST /blocks` and `POST /blocks/allow`: what an administrator of the gateway has blocked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import pydantic

from tunnel_gateway.admin.asked import Asked, NotDoneError, Question
from tunnel_gateway.admin.running import Running
from tunnel_gateway.blocks import Kind, NotKeptError, certificate_name, device_name


class Which(Question):
    """One device or one certificate, by its UDID or by its thumbprint."""

    device: str | None = None
    thumbprint: str | None = None

    def named(self) -> tuple[Kind, str]:
        """Raises NotDoneError with 400."""
        try:
            if self.device is not None and self.thumbprint is None:
                return Kind.DEVICE, device_name(self.device)
            if self.thumbprint is not None and self.device is None:
                return Kind.CERTIFICATE, certificate_name(self.thumbprint)
        except ValueError as error:
            raise NotDoneError(400, str(error)) from None
        raise NotDoneError(400, "name a device or a thumbprint, one of them")


class ToBlock(Which):
    """What to block, and why."""

    reason: str = pydantic.Field(min_length=1, max_length=200)


async def show(running: Running, _asked: Asked) -> Mapping[str, Any]:
    return {"blocks": [asdict(block) for block in running.gateway.blocks]}


async def block(running: Running, asked: Asked) -> Mapping[str, Any]:
    """Block it from now on; how many tunnels that cut. 507 where a restart would forget it."""
    wanted = asked.body_as(ToBlock)
    try:
        made, cut = running.gateway.block(*wanted.named(), wanted.reason)
    except NotKeptError as error:
        raise NotDoneError(507, str(error)) from error
    return {"block": asdict(made), "cut": cut}


async def allow(running: Running, asked: Asked) -> Mapping[str, Any]:
    """Take a block back; `allowed` says whether there was one. 507 where that cannot be kept, and the block stays."""
    kind, name = asked.body_as(Which).named()
    try:
        return {"kind": kind, "name": name, "allowed": running.gateway.allow(kind, name)}
    except NotKeptError as error:
        raise NotDoneError(507, str(error)) from error

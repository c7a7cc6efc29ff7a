"""`POST /reload`: read the configuration anew, as SIGHUP does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tunnel_gateway.admin.asked import Asked, NotDoneError
from tunnel_gateway.admin.running import Running


async def reload(running: Running, _asked: Asked) -> Mapping[str, Any]:
    """All of it is in place, or none of it: then the mistakes, one a line."""
    assert running.reload is not None
    done = await running.reload()
    if done.mistakes:
        raise NotDoneError(422, "\n".join(done.mistakes))
    rules = running.assembled.rules
    return {"reloaded_at": done.at, "rules": {"name": rules.name, "digest": rules.digest}}

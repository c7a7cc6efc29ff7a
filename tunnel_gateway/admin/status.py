"""`GET /status`: how the gateway is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from tunnel_gateway.admin.asked import Asked
from tunnel_gateway.admin.egress import pools
from tunnel_gateway.admin.running import Running


async def show(running: Running, _asked: Asked) -> Mapping[str, Any]:
    gateway, assembled = running.gateway, running.assembled
    reasons, tally = running.not_ready(), gateway.tally
    return {
        "gateway": assembled.file.name,
        "ready": not reasons,
        "not_ready": reasons,
        "started_at": running.started_at.isoformat(timespec="seconds").replace("+00:00", "Z"),
        "listen": running.listen,
        "posture": {**asdict(assembled.posture.status()), "age": assembled.posture.age},
        "rules": {"name": assembled.rules.name, "digest": assembled.rules.digest},
        "pools": pools(running),
        "inspected_hosts": sorted(gateway.inspector.hosts) if gateway.inspector else [],
        "connections": len(gateway.sessions),
        "tunnels": len(gateway.tunnels),
        "tunnels_on_stale_posture": gateway.kept_on_stale(),
        "admitted": dict(tally.admitted),
        "refused": dict(tally.refused),
        "ended": dict(tally.ended),
        "decision_log": {
            "file": str(assembled.file.decision_log.file),
            **asdict(running.log.status()),
            "left_out": tally.left_out,
        },
    }

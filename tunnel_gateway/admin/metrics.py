"""`GET /metrics`: what is counted, in Prometheus's form.

Everything is read when it is asked for, so a connection pays for none of it. Labels are words of ours or of the
operator's own files: nothing that a device, a host or the UEM sent ever becomes one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST as CONTENT_TYPE
from prometheus_client.metrics_core import Metric

from tunnel_gateway.admin.egress import pools
from tunnel_gateway.admin.running import Running

__all__ = ["CONTENT_TYPE", "exposition"]

PREFIX = "tunnel_gateway"
CRL_WITHIN = 3600.0
"""Seconds since a CRL was wanted for the last time, after which nobody is told of its end."""


def exposition(running: Running) -> bytes:
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Gateway(running))
    ProcessCollector(registry=registry)
    return generate_latest(registry)


class _Gateway:
    """One scrape."""

    def __init__(self, running: Running) -> None:
        self._running = running

    def describe(self) -> Iterator[Metric]:
        return iter(())

    def collect(self) -> Iterator[Metric]:
        yield from self._state()
        yield from self._inspection()
        yield from self._connections()
        yield from self._posture()
        yield from self._egress()
        yield from self._log()
        yield from self._expiries()

    def _state(self) -> Iterator[Metric]:
        yield _gauge("ready", "Whether a device can be admitted now.", not self._running.not_ready())

    def _inspection(self) -> Iterator[Metric]:
        inspector = self._running.gateway.inspector
        yield _gauge("inspected_hosts", "Hosts whose tunnels are decrypted.", len(inspector.hosts) if inspector else 0)

    def _connections(self) -> Iterator[Metric]:
        gateway = self._running.gateway
        tally, open_now = gateway.tally, [session.trail for session in gateway.tunnels.open]
        yield _gauge("connections", "Connections of devices that are open.", len(gateway.sessions))
        yield _gauge("tunnels", "Tunnels that are open.", len(open_now))
        yield _counters("admitted", "CONNECTs that were admitted.", "reason", tally.admitted)
        yield _counters("refused", "Connections that were refused.", "reason", tally.refused)
        yield _counters("tunnels_ended", "Tunnels that ended.", "reason", tally.ended)
        yield _counters("rule_decisions", "Decisions that a rule made, by its name.", "rule", tally.rules)
        relayed = {
            "up": tally.bytes_up + sum(trail.bytes_up for trail in open_now),
            "down": tally.bytes_down + sum(trail.bytes_down for trail in open_now),
        }
        yield _counters("relayed_bytes", "Bytes relayed: up is from the device.", "direction", relayed)

    def _posture(self) -> Iterator[Metric]:
        posture, gateway = self._running.assembled.posture, self._running.gateway
        status, age = posture.status(), posture.age
        yield _gauge("posture_usable", "Whether posture is known and young enough.", status.state == "fresh")
        yield _gauge("posture_revision", "Number of the posture snapshot that counts.", status.revision)
        yield _gauge("posture_devices", "Devices in the posture snapshot.", status.devices)
        yield _gauge("posture_sync_failing", "Whether the last synchronisation failed.", status.error is not None)
        yield _gauge("posture_half_gone", "Whether the snapshot is older than half of what is allowed.", status.alert)
        yield _gauge("posture_max_age_seconds", "How old posture may be now, a maintenance included.", posture.max_age)
        yield _gauge("posture_alarms", "Bad news by events that no reading has confirmed or reverted.", status.alarms)
        yield _gauge("posture_devices_to_read_again", "Devices that events were about.", status.to_read_again)
        yield _counter("posture_events", "Events of the UEM that were taken in.", status.events)
        yield _gauge("posture_unkept", "Whether the state file cannot be written.", status.unkept is not None)
        until = posture.maintenance_until
        yield _gauge("posture_maintenance_until_timestamp_seconds", "End of the UEM's maintenance; 0: none.", until)
        yield _gauge("tunnels_on_stale_posture", "Tunnels kept though posture is too old.", gateway.kept_on_stale())
        if age is not None:
            yield _gauge("posture_age_seconds", "Age of the posture snapshot.", age)

    def _egress(self) -> Iterator[Metric]:
        addresses = GaugeMetricFamily(
            f"{PREFIX}_egress_addresses", "Egress addresses by pool and state.", labels=("pool", "state")
        )
        tunnels = GaugeMetricFamily(
            f"{PREFIX}_egress_tunnels", "Tunnels that leave from an address.", labels=("pool", "address")
        )
        for pool in pools(self._running):
            states = [each["state"] for each in pool["addresses"]]
            for state in ("active", "draining", "disabled"):
                addresses.add_metric((pool["name"], state), states.count(state))
            for each in pool["addresses"]:
                tunnels.add_metric((pool["name"], each["address"]), each["tunnels"])
        yield addresses
        yield tunnels

    def _log(self) -> Iterator[Metric]:
        status, left_out = self._running.log.status(), self._running.gateway.tally.left_out
        yield _gauge("decision_log_failing", "Whether the last record could not be written.", status.error is not None)
        yield _counter("decision_log_lost_records", "Records that could not be written.", status.lost)
        yield _counter("decision_log_left_out_records", "Records of strangers that were not written.", left_out)

    def _expiries(self) -> Iterator[Metric]:
        left = GaugeMetricFamily(
            f"{PREFIX}_expires_in_seconds", "Seconds until something must have been renewed.", labels=("what", "name")
        )
        assembled, now = self._running.assembled, datetime.now(UTC)
        for each in assembled.expiries:
            left.add_metric((each.what, each.name), (each.at - now).total_seconds())
        hosts = {host for each in assembled.file.device_authorities for host in each.revocation.hosts}
        for host, at in assembled.identity_memory.revocation.next_updates(hosts, CRL_WITHIN).items():
            left.add_metric(("crl", host), (at - now).total_seconds())
        token = assembled.posture.token_left
        if token is not None:
            left.add_metric(("uem-token", assembled.file.posture.uem.client_id), token)
        yield left


def _gauge(name: str, words: str, value: float) -> Metric:
    return GaugeMetricFamily(f"{PREFIX}_{name}", words, value=float(value))


def _counter(name: str, words: str, value: int) -> Metric:
    return CounterMetricFamily(f"{PREFIX}_{name}", words, value=value)


def _counters(name: str, words: str, label: str, values: Mapping[str, int]) -> Metric:
    family = CounterMetricFamily(f"{PREFIX}_{name}", words, labels=(label,))
    for key, value in values.items():
        family.add_metric((str(key),), value)
    return family

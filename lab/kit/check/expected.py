"""What a checked file has to agree with: the configuration, where one was given."""

from __future__ import annotations

from dataclasses import dataclass

from dtr_rules.catalogue.providers import IdentityProvider
from lab.kit.configuration import Configuration
from okta_zones.addresses import AddressSet


@dataclass(frozen=True, slots=True)
class Expected:
    """What is known of the org. Without a configuration nothing is, and what depends on it is not asked."""

    org_host: str | None = None
    custom_domain: str | None = None
    udid_key: str = "udid"
    serial_key: str = "serialNumber"
    addresses: AddressSet | None = None
    zone_id: str | None = None
    location_id: str | None = None
    providers: tuple[IdentityProvider, ...] = ()

    @property
    def hosts(self) -> tuple[str, ...]:
        """The hosts on which the org answers to devices."""
        return tuple(host for host in (self.org_host, self.custom_domain) if host is not None)


def expected_of(configuration: Configuration) -> Expected:
    """What `configuration` says of its consoles."""
    return Expected(
        org_host=configuration.org_host,
        custom_domain=configuration.custom_domain,
        udid_key=configuration.udid_key,
        serial_key=configuration.serial_key,
        addresses=configuration.addresses,
        zone_id=None if configuration.zone is None else configuration.zone.id,
        location_id=None if configuration.location is None else configuration.location.id,
        providers=configuration.providers,
    )

"""The file as a whole: its sections, in the order of the file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import Field

from dtr_rules import source
from okta_zones.addresses import AddressSet, union
from okta_zones.config.owned import OwnedPrefix
from okta_zones.config.reading import Reading
from okta_zones.config.requests import RequestsEntry, RequestSettings, read_requests
from okta_zones.config.sources import GatewaySettings, SourcesEntry, read_sources
from okta_zones.config.targets import TargetEntry, TargetSettings, read_targets


@dataclass(frozen=True, slots=True)
class Settings:
    """A whole okta-zones.yaml, secrets read. `addresses` is None where the file lists none."""

    owned: AddressSet
    addresses: AddressSet | None
    gateway: GatewaySettings | None
    targets: tuple[TargetSettings, ...]
    requests: RequestSettings


class File(source.Model):
    """okta-zones.yaml."""

    version: source.FormatVersion
    owned_prefixes: Annotated[list[OwnedPrefix], Field(min_length=1)]
    sources: SourcesEntry
    targets: Annotated[list[TargetEntry], Field(min_length=1)]
    requests: RequestsEntry = RequestsEntry()


def load(path: Path, environment: Mapping[str, str]) -> Settings:
    """Read the file and every secret that it names.

    Raises source.UnusableFileError with every mistake, secrets that cannot be used among them.
    """
    file = source.read(path, File)
    reading = Reading(file, path.parent, environment)
    content = file.content
    addresses, gateway = read_sources(content.sources, reading)
    settings = Settings(
        owned=union(content.owned_prefixes),
        addresses=addresses,
        gateway=gateway,
        targets=read_targets(content.targets, reading),
        requests=read_requests(content.requests),
    )
    if reading.mistakes:
        raise source.UnusableFileError(reading.mistakes)
    return settings

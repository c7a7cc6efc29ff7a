"""The `world:` of a scenario: who has which device, which rules, and how programs and services are set."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field, StringConstraints

from dtr_rules import Platform
from dtr_rules.source import Model
from lab import entra, okta
from lab.plan import ANNA, DevicePlan, WorldPlan
from lab.runner.knob_settings import knobs_from, settings_of
from lab.runner.steps.named import PersonName, RulesFile

if TYPE_CHECKING:
    OktaKnobs = Model
    EntraKnobs = Model
else:
    OktaKnobs = settings_of(okta.Knobs)
    EntraKnobs = settings_of(entra.Knobs)

DEFAULT_RULES = "rules/login.yaml"
"""Of the lab's own scenarios: every login host of Okta and Entra by its exact name."""


class DeviceSettings(Model):
    """A device, and whose it is."""

    platform: Platform
    user: PersonName = ANNA


class WorldSettings(Model):
    """`gateway` and `okta-zones` are laid over the lab's configuration of these programs, in their own words.

    `scaled` says what they were told to do faster than a real deployment, for readers of the record.
    """

    devices: Mapping[Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,30}$")], DeviceSettings]
    rules: RulesFile | None = None
    egress_admitted: bool = True
    gateway: dict[str, Any] = Field(default_factory=dict)
    okta_zones: dict[str, Any] = Field(default_factory=dict)
    okta: OktaKnobs | None = None
    entra: EntraKnobs | None = None
    scaled: tuple[str, ...] = ()

    def plan(self, rules: str) -> WorldPlan:
        """The world to start, with the text of its rule file."""
        return WorldPlan(
            rules=rules,
            devices=tuple(
                DevicePlan(name=name, platform=each.platform, user=each.user) for name, each in self.devices.items()
            ),
            gateway=self.gateway,
            zones=self.okta_zones,
            okta=knobs_from(okta.Knobs, self.okta),
            entra=knobs_from(entra.Knobs, self.entra),
            egress_admitted=self.egress_admitted,
        )

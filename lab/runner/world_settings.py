"""The `world:` of a scenario: who has which device, which rules, and how programs and services are set."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, Final

from pydantic import Field, StringConstraints

from dtr_rules import Platform
from dtr_rules.source import Duration, Model
from lab import entra, okta, uem
from lab.plan import ANNA, LAB_STEPS, DevicePlan, WorldPlan
from lab.runner.knob_settings import knobs_from, settings_of
from lab.runner.steps.named import PersonName, RulesFile
from lab.uem.acme import RESTRICTED
from lab.uem.compliance.actions import Action, InstallComplianceProfile, Notify, RemoveProfile, RevokeTokens
from lab.uem.compliance.policy import TUNNEL, Step

if TYPE_CHECKING:
    OktaKnobs = Model
    EntraKnobs = Model
    UemKnobs = Model
else:
    OktaKnobs = settings_of(okta.Knobs)
    EntraKnobs = settings_of(entra.Knobs)
    UemKnobs = settings_of(uem.Knobs)

DEFAULT_RULES = "rules/login.yaml"
"""Of the lab's own scenarios: every login host of Okta and Entra by its exact name."""


class DeviceSettings(Model):
    """A device, and whose it is."""

    platform: Platform
    user: PersonName = ANNA


class Does(StrEnum):
    """What a step of a compliance policy does to the device, beside marking it."""

    REMOVE_PROFILE = "remove-profile"
    INSTALL_COMPLIANCE_PROFILE = "install-compliance-profile"
    REVOKE_ENTRA_TOKENS = "revoke-entra-tokens"
    NOTIFY = "notify"


_ACTIONS: Final[Mapping[Does, Action]] = {
    Does.REMOVE_PROFILE: RemoveProfile(TUNNEL),
    Does.INSTALL_COMPLIANCE_PROFILE: InstallComplianceProfile(RESTRICTED),
    Does.REVOKE_ENTRA_TOKENS: RevokeTokens(),
    Does.NOTIFY: Notify(),
}


class ComplianceStep(Model):
    """What happens some time after a device was found to break the policy, if it does still."""

    after: Duration = 0.0
    mark: bool = False
    do: tuple[Does, ...] = ()

    def step(self) -> Step:
        """The same for the UEM."""
        return Step(timedelta(seconds=self.after), self.mark, tuple(_ACTIONS[each] for each in self.do))


class WorldSettings(Model):
    """`gateway` and `okta-zones` are laid over the lab's configuration of these programs, in their own words.

    `compliance` is what follows where a device has no passcode, step by step; `restricted-rules` are the rules of the
    compliance profile. The Tunnel app is pushed again some time after a check-in without it, where that is set up.
    `scaled` says what they were told to do faster than a real deployment, for readers of the record.
    """

    devices: Mapping[Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,30}$")], DeviceSettings]
    rules: RulesFile | None = None
    egress_admitted: bool = True
    gateway: dict[str, Any] = Field(default_factory=dict)
    okta_zones: dict[str, Any] = Field(default_factory=dict)
    okta: OktaKnobs | None = None
    entra: EntraKnobs | None = None
    uem: UemKnobs | None = None
    compliance: tuple[ComplianceStep, ...] | None = None
    restricted_rules: RulesFile | None = None
    push_tunnel_app_after: Duration | None = None
    scaled: tuple[str, ...] = ()

    def plan(self, rules: str, restricted_rules: str) -> WorldPlan:
        """The world to start, with the texts of its rule files."""
        return WorldPlan(
            rules=rules,
            devices=tuple(
                DevicePlan(name=name, platform=each.platform, user=each.user) for name, each in self.devices.items()
            ),
            gateway=self.gateway,
            zones=self.okta_zones,
            okta=knobs_from(okta.Knobs, self.okta),
            entra=knobs_from(entra.Knobs, self.entra),
            uem=knobs_from(uem.Knobs, self.uem),
            compliance=LAB_STEPS if self.compliance is None else tuple(each.step() for each in self.compliance),
            restricted_rules=restricted_rules,
            tunnel_app_after=(
                None if self.push_tunnel_app_after is None else timedelta(seconds=self.push_tunnel_app_after)
            ),
            egress_admitted=self.egress_admitted,
        )

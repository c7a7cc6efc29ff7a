"""The file of a scenario: a world, steps, expectations, and what a person learns."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from dtr_rules.source import FormatVersion, Model
from lab.runner.expectations.expect import Expect
from lab.runner.stage import Action
from lab.runner.steps import apps, fleet, gateway, identity, time, uem, zones
from lab.runner.world_settings import WorldSettings

Sentence = Annotated[str, StringConstraints(min_length=1, max_length=400)]


class Step(Model):
    """One thing that is done: exactly one of the verbs, and what each observer must have recorded then."""

    enrol: fleet.Enrol | None = None
    check_in: fleet.CheckIn | None = None
    passcode: fleet.Passcode | None = None
    compromise: fleet.Compromise | None = None
    move: fleet.Move | None = None
    remove_app: fleet.RemoveApp | None = None
    steal_certificate: fleet.StealCertificate | None = None
    block_at_gateway: gateway.BlockAtGateway | None = None
    allow_at_gateway: gateway.AllowAtGateway | None = None
    gateway_rules: gateway.GatewayRules | None = None
    allow_list: gateway.AllowList | None = None
    save_rules: uem.SaveRules | None = None
    publish_rules: uem.PublishRules | None = None
    unenrol: uem.Unenrol | None = None
    block: uem.Block | None = None
    profile: uem.Profile | None = None
    break_uem: uem.BreakUem | None = None
    mend_uem: uem.MendUem | None = None
    forge_certificate: fleet.ForgeCertificate | None = None
    discard_profile: fleet.DiscardProfile | None = None
    sign_in: apps.SignIn | None = None
    open: apps.Open | None = None
    refresh: apps.Refresh | None = None
    call: apps.Call | None = None
    visit: apps.Visit | None = None
    guess_passwords: apps.GuessPasswords | None = None
    advance: time.Advance | None = None
    wait: time.Wait | None = None
    okta_zones: zones.OktaZones | None = None
    another_writer: zones.AnotherWriter | None = None
    switch_egress: zones.SwitchEgress | None = None
    catch_all: identity.CatchAll | None = None
    client_network: identity.ClientNetwork | None = None
    blocklist: identity.Blocklist | None = None
    strict_location: identity.StrictLocation | None = None
    revoke_sessions: identity.RevokeSessions | None = None
    expect: Expect = Expect()

    @property
    def verbs(self) -> list[str]:
        """What the file says is to be done, by the verbs' names in the file."""
        fields = type(self).model_fields
        return [info.alias or name for name, info in fields.items() if name in self.model_fields_set - {"expect"}]

    @property
    def action(self) -> Action:
        """The one thing. Raises ValueError where it is not one."""
        (name,) = self.model_fields_set - {"expect"}
        action: Action = getattr(self, name)
        return action


class ScenarioFile(Model):
    """A scenario. `unconfirmed` is what of `learn` no public source confirms."""

    version: FormatVersion
    title: Sentence
    learn: Annotated[tuple[Sentence, ...], Field(min_length=1, max_length=3)]
    unconfirmed: tuple[Sentence, ...] = ()
    world: WorldSettings
    steps: Annotated[tuple[Step, ...], Field(min_length=1)]

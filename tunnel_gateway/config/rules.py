"""Which rule files apply to which devices, and which are only reported."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, model_validator

from dtr_rules import Platform
from dtr_rules.source import Model
from tunnel_gateway.config.fields import File
from tunnel_gateway.posture.model import Ownership

Text = Annotated[str, Field(min_length=1)]
Some = Field(default=None, min_length=1)


class RulesOfGroup(Model):
    """A rule file for the devices that every given condition fits. Words are the UEM's, in any case of letters."""

    file: File
    platforms: Annotated[tuple[Platform, ...] | None, Some]
    organization_groups: Annotated[tuple[Text, ...] | None, Some]
    ownership: Annotated[tuple[Ownership, ...] | None, Some]
    udids: Annotated[tuple[Text, ...] | None, Some]

    @model_validator(mode="after")
    def _has_a_condition(self) -> RulesOfGroup:
        if not (self.platforms or self.organization_groups or self.ownership or self.udids):
            raise ValueError("needs a condition: platforms, organization-groups, ownership or udids")
        return self


class Rules(Model):
    """The rule file of all devices, and those of groups, the first that fits.

    `compliance` is the file for devices whose compliance value is treated as `restrict`; `report_only` is a file that
    is judged beside the others and never applied, `report_only_rules` are rules that only report, in each
    of the other files that has one of the name.
    """

    file: File
    groups: tuple[RulesOfGroup, ...] = ()
    compliance: File | None = None
    report_only: File | None = None
    report_only_rules: tuple[Text, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _one_file(cls, value: Any) -> Any:
        """`rules: rules.yaml` is short for `rules: {file: rules.yaml}`."""
        return {"file": value} if isinstance(value, str) else value

"""Devices and their management."""

from __future__ import annotations

from pydantic import RootModel

from dtr_rules.source import Model
from lab.runner.stage import Done, Stage
from lab.runner.steps.named import DeviceName


class _OneDevice(RootModel[DeviceName]):
    """A step about one device, written `verb: NAME`."""


class Enrol(_OneDevice):
    """The device is enrolled: inventory, certificate, VPN profile."""

    def words(self) -> str:
        return f"{self.root} enrols"

    async def do(self, stage: Stage) -> Done:
        await stage.operations.fleet.enrol(self.root)
        return Done()


class CheckIn(_OneDevice):
    """The device reports to the UEM and does what it is told."""

    def words(self) -> str:
        return f"{self.root} checks in"

    async def do(self, stage: Stage) -> Done:
        await stage.operations.fleet.check_in(self.root)
        return Done()


class Passcode(Model):
    """The user sets or removes the passcode, which the compliance policy wants; the device reports it."""

    device: DeviceName
    present: bool

    def words(self) -> str:
        done = "sets a passcode on" if self.present else "switches the passcode off on"
        return f"the user {done} {self.device}, which reports it"

    async def do(self, stage: Stage) -> Done:
        await stage.operations.fleet.set_passcode(self.device, present=self.present)
        return Done()


class ForgeCertificate(Model):
    """A thief's device copies a profile and signs a certificate itself that names the victim."""

    thief: DeviceName
    victim: DeviceName

    def words(self) -> str:
        return f"{self.thief} copies the profile of {self.victim} and signs itself a certificate that names it"

    async def do(self, stage: Stage) -> Done:
        stage.operations.fleet.forge_certificate(self.thief, self.victim)
        return Done()

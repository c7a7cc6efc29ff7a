"""Devices and their management."""

from __future__ import annotations

from pydantic import ConfigDict, RootModel

from dtr_rules.source import Model
from lab.operations.fleet import Place
from lab.runner.stage import Done, Stage
from lab.runner.steps.named import DeviceName


class _OneDevice(RootModel[DeviceName]):
    """A step about one device, written `verb: NAME`."""

    model_config = ConfigDict(frozen=True)


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


class Move(Model):
    """The device joins another network; the Tunnel app knows the office's as trusted."""

    device: DeviceName
    to: Place

    def words(self) -> str:
        return f"{self.device} joins the network {'in the office' if self.to is Place.OFFICE else 'at home'}"

    async def do(self, stage: Stage) -> Done:
        stage.operations.fleet.move(self.device, self.to)
        return Done()


class RemoveApp(Model):
    """The user removes an app."""

    device: DeviceName
    app: str

    def words(self) -> str:
        return f"the user removes the app {self.app} from {self.device}"

    async def do(self, stage: Stage) -> Done:
        stage.operations.fleet.remove_app(self.device, self.app)
        return Done()


class StealCertificate(Model):
    """A thief's device has the profile of a victim, and its certificate with the private key."""

    thief: DeviceName
    victim: DeviceName

    def words(self) -> str:
        return f"{self.thief} has the profile of {self.victim}, and its certificate with the private key"

    async def do(self, stage: Stage) -> Done:
        stage.operations.fleet.steal_certificate(self.thief, self.victim)
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


class DiscardProfile(_OneDevice):
    """A thief's device has no profile any more."""

    def words(self) -> str:
        return f"{self.root} throws the copied profile away"

    async def do(self, stage: Stage) -> Done:
        stage.operations.fleet.discard_profile(self.root)
        return Done()


class Compromise(_OneDevice):
    """The device is jailbroken or rooted, and reports it."""

    def words(self) -> str:
        return f"{self.root} is jailbroken, and reports it"

    async def do(self, stage: Stage) -> Done:
        await stage.operations.fleet.compromise(self.root)
        return Done()

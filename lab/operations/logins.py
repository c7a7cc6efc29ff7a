"""Apps that sign people in, and what every party wrote down of it."""

from __future__ import annotations

from lab.device.sign_in import sign_in
from lab.logbooks import mark, pages_since
from lab.operations.observation import login_of
from lab.record import Login, LoginKind
from lab.world import World


class Logins:
    """The logins of a world, numbered from 1. `step` is the number that new ones are recorded with."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._count = 0
        self.step = 0

    async def sign_in(self, device: str, app: str, at: str) -> Login:
        """A fresh start of an app, which signs its user in at `okta` or `entra`."""
        world = self._world
        phone, begin = world.devices[device], mark(world)
        person = world.people[next(each.user for each in world.plan.devices if each.name == device)]
        time = world.clock.now()
        async with phone.open_app(app) as http:
            done = await sign_in(http, {"okta": world.okta, "entra": world.entra}[at], person)
        self._count += 1
        return login_of(
            await pages_since(world, begin),
            number=self._count,
            step=self.step,
            kind=LoginKind.SIGN_IN,
            device=phone,
            app=app,
            at=at,
            user=person.user,
            time=time,
            done=done,
        )

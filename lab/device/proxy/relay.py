"""Bytes between a program and the far end of its connection, until both sides have said that there are no more."""

from __future__ import annotations

import asyncio
from typing import Final

import httpcore

from lab.device.streams import DeviceStream

CHUNK: Final = 65536


async def relay(early: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, far: DeviceStream) -> bool:
    """Carry `early`, then everything. An end of one side is told to the other, which may go on.

    Whether both came to their end in order. Never raises for what happens to the two; whoever called closes them.
    """
    in_order = True
    try:
        async with asyncio.TaskGroup() as pumps:
            pumps.create_task(_up(early, reader, far))
            pumps.create_task(_down(far, writer))
    except* (OSError, httpcore.NetworkError, httpcore.TimeoutException):
        in_order = False
    return in_order


async def _up(early: bytes, reader: asyncio.StreamReader, far: DeviceStream) -> None:
    data = early or await reader.read(CHUNK)
    while data:
        await far.write(data)
        data = await reader.read(CHUNK)
    await far.send_eof()


async def _down(far: DeviceStream, writer: asyncio.StreamWriter) -> None:
    while data := await far.read(CHUNK):
        writer.write(data)
        await writer.drain()
    writer.write_eof()

"""`tunnel-gateway status`."""

from __future__ import annotations

import json
from typing import Any

import httpx
import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from dtr_rules.credentials import CredentialError
from dtr_rules.source import UnusableFileError
from tunnel_gateway.commands.asking import ask
from tunnel_gateway.commands.speaking import NOT_DONE, UNUSABLE, ConfigOption, JsonOption, fail


def status(config: ConfigOption, as_json: JsonOption = False) -> None:
    """Ask the gateway that runs with this configuration how it is: posture, rules, egress, tunnels.

    Exit codes: 0 posture is fresh, 1 it is stale or unavailable (nobody is admitted), 2 the configuration cannot be
    used, 3 the gateway cannot be reached.
    """
    try:
        answer = ask(config, "/v1/status")
        admits = answer["posture"]["state"] == "fresh"
    except UnusableFileError as error:
        fail(str(error), UNUSABLE)
    except CredentialError as error:
        fail(f"{config}:1:1: {error}", UNUSABLE)
    except httpx.HTTPStatusError as error:
        words = {401: "it does not accept this admin token", 429: "too many wrong tokens; wait"}
        fail(words.get(error.response.status_code, f"it answered {error.response.status_code}"), NOT_DONE)
    except FileNotFoundError as error:
        fail(f"no gateway runs with this configuration: {error.filename} is not there", NOT_DONE)
    except (OSError, ValueError, KeyError, TypeError, httpx.HTTPError) as error:
        fail(f"the gateway cannot be asked: {str(error) or type(error).__name__}", NOT_DONE)
    if as_json:
        typer.echo(json.dumps(answer, indent=2))
    else:
        _show(answer)
    raise typer.Exit(0 if admits else 1)


def _show(answer: dict[str, Any]) -> None:
    posture, rules = answer["posture"], answer["rules"]
    table = Table(box=None, show_header=False, pad_edge=False)
    for name, value in (
        ("gateway", f"{answer['gateway']} on {answer['listen']}"),
        ("posture", _posture(posture)),
        ("rules", f"{rules['name']} ({rules['digest'][:12]})"),
        ("egress", ", ".join(answer["egress"])),
        ("tunnels", str(answer["tunnels"])),
    ):
        table.add_row(Text(name, style="bold"), Text(value))
    Console(highlight=False).print(table)


def _posture(posture: dict[str, Any]) -> str:
    if posture["state"] == "unavailable":
        return f"unavailable: {posture['error'] or 'not read yet'}; nobody is admitted"
    words = "{state}, revision {revision}, {devices} devices, as of {synced_at}".format(**posture)
    return f"{words}; last attempt failed: {posture['error']}" if posture["error"] else words

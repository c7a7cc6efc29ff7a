"""A page that sends a form as soon as it is read: how a browser carries an answer from one site to another by POST.

Used for `response_mode=form_post` (OAuth 2.0 Form Post Response Mode) and for WS-Federation's passive requestor.
Without a script the person presses the button.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from typing import Final

import jinja2
from starlette.responses import HTMLResponse

_SCRIPT: Final = "document.forms[0].submit()"
_DIGEST: Final = base64.b64encode(hashlib.sha256(_SCRIPT.encode()).digest()).decode("ascii")
_PAGE: Final = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined).from_string(
    """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Working…</title></head>
<body>
<form method="post" action="{{ action }}">
{% for name, value in fields.items() %}<input type="hidden" name="{{ name }}" value="{{ value }}">
{% endfor %}<noscript><p>Scripts are switched off: press the button to go on.</p></noscript>
<button type="submit">Continue</button>
</form>
<script>{{ script }}</script>
</body>
</html>
"""
)
_HEADERS: Final = {
    "Cache-Control": "no-store, no-cache",
    "Content-Security-Policy": f"default-src 'none'; script-src 'sha256-{_DIGEST}'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
}


def self_posting_page(action: str, fields: Mapping[str, str]) -> HTMLResponse:
    """A page that posts `fields` to `action`, both escaped."""
    return HTMLResponse(_PAGE.render(action=action, fields=fields, script=_SCRIPT), headers=_HEADERS)

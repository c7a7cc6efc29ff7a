"""The tenant's HTML pages."""

from __future__ import annotations

from typing import Final

import jinja2
from starlette.responses import HTMLResponse

_PAGES: Final = jinja2.Environment(
    loader=jinja2.PackageLoader("lab.entra", "pages"), autoescape=True, undefined=jinja2.StrictUndefined
)
_HEADERS: Final = {
    "Cache-Control": "no-store, no-cache",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    "Referrer-Policy": "same-origin",  # without any, a browser says `Origin: null` of the page's own form
}


def page(name: str, status: int = 200, **values: str) -> HTMLResponse:
    """The page `name` with `values` filled in, escaped."""
    return HTMLResponse(_PAGES.get_template(name).render(values), status, _HEADERS)

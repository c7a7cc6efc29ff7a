"""HTTP with a far end, by the rules that hold for Okta, Entra and Graph alike.

- Credentials go to one origin and nowhere else: redirects and links to other origins are refused, not followed.
- TLS is always verified (`SSL_CERT_FILE` names a private authority).
- A request that certainly changed nothing is repeated: reads after a failure, any request after a 423 or a
  429 (the far end did not act) or a connection that was never made. A write whose answer was lost is never
  repeated here.
- An answer has a total time and a size, whatever trickles in.
"""

from okta_zones.exchange.answer import Answer, Form, Problem
from okta_zones.exchange.authorization import Authorization, FixedToken
from okta_zones.exchange.limits import Limits
from okta_zones.exchange.requests import Exchange
from okta_zones.exchange.throttle import Throttle
from okta_zones.exchange.user_agent import user_agent

__all__ = [
    "Answer",
    "Authorization",
    "Exchange",
    "FixedToken",
    "Form",
    "Limits",
    "Problem",
    "Throttle",
    "user_agent",
]

"""The rest of the world on one machine: emulated identity providers, UEM and devices around a real gateway.

Loopback only and no root: every party has an address of its own in 127.0.0.0/8, so the source address that a
server sees is the one a packet really came from. Nothing of the product imports this package.
"""

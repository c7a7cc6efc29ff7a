"""The lab in network namespaces: documentation addresses, the real ports, and every packet on every link captured.

Needs root on Linux. One namespace for each party and one for the Internet between them, joined by veth pairs; nothing
leads outside. Afterwards the captures are held against what the devices' rules had decided (`proof`).
"""

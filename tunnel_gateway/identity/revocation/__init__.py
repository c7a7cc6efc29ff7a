"""Whether a verified certificate has been revoked since.

The authority is asked only after the chain has ended in a configured one, only on hosts that the operator names, and
never for longer or for more than its policy says. What it answers is signed, is checked, and is kept until its
`nextUpdate`; an answer that cannot be had is no good word.
"""

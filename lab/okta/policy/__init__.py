"""Okta's policies: what they hold, and what they say of an access.

`rule` and `policy` are the values, `store` keeps an org's policies in order, `conditions` judge one condition each,
`judgement` and `simulation` are the two ways of asking.
"""

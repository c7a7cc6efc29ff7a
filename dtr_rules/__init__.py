"""Device traffic rules: rule sets in, decisions and explanations out.

Pure: no sockets, no clock, no threads. The public face is `read_rule_set`, `evaluate` and `explain`, and the values that
they take and give: `Flow`, `Rule`, `RuleSet`, `Decision`.
"""

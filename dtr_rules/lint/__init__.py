"""Lint: what a correct rule set nevertheless gets wrong. One check, one file, under `checks/`.

A finding has a stable id, a severity, a place, an example flow that `evaluate` confirms, and a fix.
"""

"""`python -m okta_zones`."""

from okta_zones.cli import main

main()

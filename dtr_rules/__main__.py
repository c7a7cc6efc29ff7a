from dtr_rules.cli import main

main()

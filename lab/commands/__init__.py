"""The verbs of `tunnel-lab`, one file each."""

"""The verbs of `tunnel-gateway`, one file each."""

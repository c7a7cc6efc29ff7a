"""Where egress addresses come from: every source makes a report, and what any of them reports is wanted."""

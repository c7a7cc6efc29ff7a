"""What each observer must have recorded: one observer, one file. Checked against the observers' own records alone."""

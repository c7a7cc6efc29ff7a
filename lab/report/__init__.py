"""What the lab shows: live progress, the table for people, the document for programs."""

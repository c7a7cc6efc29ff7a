"""What steps can do, by whose business it is."""

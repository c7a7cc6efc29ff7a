"""What the UEM says of a device: enrolled, compliant, compromised; how that is fetched, kept and aged."""

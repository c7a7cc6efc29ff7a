"""What a credential may do, and what stands in the way, looked at without writing anything."""

"""Pages and interface about people: consent, contracts, erasures, visitors."""

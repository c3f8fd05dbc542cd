"""Pages and interface of what organisations are asked about a case."""

"""Pages and interface of cases."""

"""Pages and interface of the time limits of cases."""

"""Pages and interface of figures on maps."""

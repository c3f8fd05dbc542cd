"""Pages and interface of background images."""

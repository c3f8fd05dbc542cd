"""Pages and interface of disputes and mediators."""

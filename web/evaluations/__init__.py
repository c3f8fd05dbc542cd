"""Pages and interface of the third party's evaluation."""

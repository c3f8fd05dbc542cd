"""Page and interface of what leaves the house."""

"""The phone that works without network: what it is given for its territory, and which phones hold it."""

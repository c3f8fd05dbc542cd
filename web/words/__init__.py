"""Words of the interface for codes of the core, in the reader's language."""

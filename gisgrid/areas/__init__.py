"""The area tree, unit cells and who owns them when; point to cell to grid; revisions."""

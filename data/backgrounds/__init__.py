"""Files with images of the ground: read, cut into tiles, and kept as a background image."""

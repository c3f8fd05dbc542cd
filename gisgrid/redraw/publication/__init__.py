"""Publishing a plan: what the database writes so that a redraw holds."""

from gisgrid.redraw.publication.publish import Published, publish

__all__ = ["Published", "publish"]

"""Which files can be read, by the endings of their names. Nothing is loaded for asking."""

from __future__ import annotations

from typing import Final

DRIVERS: Final = {".tif": "GTiff", ".tiff": "GTiff", ".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG"}
"""Images with a place on the ground, and who reads each."""
ARCHIVES: Final = (".mbtiles", ".pmtiles")
ENDINGS: Final = (*DRIVERS, *ARCHIVES)
BESIDE: Final = (".tfw", ".tifw", ".pgw", ".pngw", ".jgw", ".jpgw", ".jpegw", ".wld", ".prj")
"""Files that say where an image lies."""

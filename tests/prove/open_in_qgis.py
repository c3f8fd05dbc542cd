"""Run by the system's Python: opens files in QGIS and prints as JSON what QGIS makes of each.

``/usr/bin/python3 open_in_qgis.py FILE…`` with ``QT_QPA_PLATFORM=offscreen``. It imports nothing of ours.
"""

# ruff: noqa: T201
from __future__ import annotations

import json
import sys
from typing import Any

from qgis.core import (
    Qgis,
    QgsApplication,
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsProject,
    QgsRectangle,
    QgsVectorLayer,
)


def told(path: str) -> dict[str, Any]:
    """Whether QGIS opens a file, how many features it sees, in which CRS and where, and its texts."""
    layer = QgsVectorLayer(path, "layer", "ogr")
    crs = layer.crs()
    degrees = QgsCoordinateReferenceSystem("EPSG:4326")
    moved = QgsCoordinateTransform(crs, degrees, QgsProject.instance().transformContext())
    box = QgsRectangle()
    for one in layer.getFeatures():
        shape = one.geometry()
        if crs.isValid():
            shape.transform(moved)
        box.combineExtentWith(shape.boundingBox())
    texts = sorted({str(value) for one in layer.getFeatures() for value in one.attributes()})
    return {
        "valid": layer.isValid(),
        "features": layer.featureCount(),
        "broken": sum(not one.geometry().isGeosValid() for one in layer.getFeatures() if one.hasGeometry()),
        "crs": crs.authid() if crs.isValid() else "",
        "bounds": [box.xMinimum(), box.yMinimum(), box.xMaximum(), box.yMaximum()],
        "fields": [field.name() for field in layer.fields()],
        "texts": texts,
    }


def main() -> None:
    """Open every file that is named."""
    application = QgsApplication([], False)
    application.initQgis()
    version = Qgis.version()
    print(json.dumps({"version": version, "files": {path: told(path) for path in sys.argv[1:]}}))
    application.exitQgis()


if __name__ == "__main__":
    main()

"""Layers and tables as files that QGIS, Excel and WPS open as they are."""

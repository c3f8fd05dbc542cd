"""Background images that administrators lay under the maps: who sees which, and the files of their tiles."""

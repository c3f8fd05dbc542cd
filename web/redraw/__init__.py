"""Page and interface of redrawing grids."""

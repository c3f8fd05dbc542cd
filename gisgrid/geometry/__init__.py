"""Pure shapely and numpy: shapes in, shapes out. No database, no web."""

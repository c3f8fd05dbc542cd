"""The facade of cases for programs that speak Open311 GeoReport v2."""

"""Engine, dialect differences, column types, base and migrations: SpatiaLite and PostGIS, one face."""

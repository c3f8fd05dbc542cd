"""The whole content of a database, table by table, in one form for SpatiaLite and PostGIS."""

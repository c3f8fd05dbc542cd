"""Page and interface of the indicators of cases."""

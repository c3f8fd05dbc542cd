"""Page and interface of the monthly report of organisations."""

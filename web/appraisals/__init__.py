"""Page and interface of the monthly appraisal of grid members."""

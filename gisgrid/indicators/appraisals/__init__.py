"""The monthly appraisal of grid members: from logs and outside marks, with appeal."""

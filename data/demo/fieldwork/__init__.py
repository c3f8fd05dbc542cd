"""What members noted at the doors of the demo: visits to elders, care, checks. Nobody in it exists."""

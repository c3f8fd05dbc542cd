"""What a file may hold: areas, buildings, households, residents, cases, people on duty."""

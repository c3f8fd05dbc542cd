"""Pages and interface of people on duty and of the norms grids are held against."""

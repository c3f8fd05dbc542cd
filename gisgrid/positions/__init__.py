"""Where objects lie: positions set by hand, cells made, and every object put into its cell."""

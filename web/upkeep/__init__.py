"""How the installation is, for administrators and for monitors."""

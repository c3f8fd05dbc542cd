"""How acts of upkeep are called in the audit trail."""

from __future__ import annotations

from typing import Final

BACKUP: Final = "database:backup"
"""From its entries the last backup is known."""

"""Every table of the core, so that foreign keys find each other before the first row is written."""

from __future__ import annotations

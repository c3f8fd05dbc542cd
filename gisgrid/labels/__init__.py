"""What codes of enumerations are called, one table each, for pages, scripts and files alike."""

from gisgrid.labels import (  # noqa: F401 - templates name a table by its module
    access,
    areas,
    care,
    cases,
    disputes,
    figures,
    files,
    offline,
    people,
    tasks,
)

"""The only reader of the environment."""

from __future__ import annotations

from pathlib import Path
from typing import Final, Self
from zoneinfo import ZoneInfo

from pydantic import Field, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy import URL, make_url

from gisgrid.cases.webhooks.addresses import Listed, read_listed

INSTALLATION: Final = Path(__file__).resolve().parent.parent
"""The installation's root; relative defaults such as ``var/`` are taken from here."""


class Settings(BaseSettings):
    """What an installation may set, each as ``GISGRID_<NAME>`` in the environment.

    ``database_url`` is SQLAlchemy's form; a relative SQLite path is taken from the installation's root.
    ``zone`` is where a day is a day. ``https`` says whether browsers reach the site over HTTPS.
    ``trusted_proxies`` is how many reverse proxies stand in front and set X-Forwarded-For.
    ``micro_grids`` is how many a grid is split into where nobody says; fewer where it has few cells.
    ``slow_query_ms`` is from when on a statement is logged as slow, without its values; 0 logs none.
    ``reopen_days`` is how long after its end a case may be reopened; after a low rating it always may.
    ``webhook_hosts`` are names, addresses and networks with commas between that messages may go to although
    they are of this machine or an inner network.
    ``offline`` says whether phones may work without network at all; ``offline_hours`` is how long a phone
    opens what it holds without asking again.
    """

    model_config = SettingsConfigDict(env_prefix="GISGRID_", frozen=True)

    database_url: str = "sqlite:///var/gisgrid.sqlite"
    key_file: Path | None = None
    demo_password: str | None = None
    zone: str = "Asia/Shanghai"
    https: bool = False
    trusted_proxies: int = 0
    micro_grids: int = 20
    slow_query_ms: int = 500
    reopen_days: int = 15
    webhook_hosts: str = ""
    offline: bool = True
    offline_hours: int = Field(default=36, ge=1, le=168)

    @model_validator(mode="after")
    def _can_be_read(self) -> Self:
        ZoneInfo(self.zone)
        read_listed(self.webhook_hosts)
        return self

    @property
    def listed(self) -> Listed:
        """Inner machines that messages may go to."""
        return read_listed(self.webhook_hosts)

    @property
    def url(self) -> URL:
        """The database's address, absolute, with the driver this application uses."""
        url = make_url(self.database_url)
        if url.get_backend_name() == "postgresql":
            return url.set(drivername="postgresql+psycopg")
        return url.set(database=str(INSTALLATION / (url.database or "var/gisgrid.sqlite")))

    @property
    def var(self) -> Path:
        """Folder of the key file and the demo accounts: beside the SQLite file, else ``var/``."""
        url = self.url
        if url.get_backend_name() == "sqlite" and url.database:
            return Path(url.database).parent
        return INSTALLATION / "var"

    @property
    def uploads(self) -> Path:
        """Folder of files that were sent through pages, for as long as they are needed."""
        return self.var / "uploads"

    @property
    def kept_exports(self) -> Path:
        """Folder of exports that are read piece by piece, sealed and for minutes."""
        return self.var / "exports"

    @property
    def backgrounds(self) -> Path:
        """Folder of the tiles of background images; a backup doesn't hold them."""
        return self.var / "backgrounds"

    @property
    def background_uploads(self) -> Path:
        """Folder of images that were sent through pages, until they are cut into tiles."""
        return self.var / "background-uploads"

    @property
    def keys(self) -> Path:
        """The key ring's file; never part of a backup."""
        return self.key_file or self.var / "keys.json"

    @property
    def tz(self) -> ZoneInfo:
        """The deployment's time zone."""
        return ZoneInfo(self.zone)

"""Every setting of a process, from the environment (`INFORCE_*`); nothing else reads the environment."""

from pathlib import Path

from pydantic import AnyHttpUrl, Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """What an operator can set; every field has a default that suits `inforce demo`."""

    model_config = SettingsConfigDict(env_prefix="INFORCE_", env_ignore_empty=True, frozen=True)

    database_url: str = ""
    reader_database_url: str | None = None
    data_dir: Path = Path("inforce-data")
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65_535)
    public_url: AnyHttpUrl | None = None
    kafka_bootstrap: str | None = None
    signing_key_file: Path | None = None
    max_source_bytes: int = Field(default=20 * 1024 * 1024, gt=0)
    max_source_rows: int = Field(default=10_000, gt=0)
    webhook_allow_private: bool = False

    def ledger_url(self) -> str:
        """The database of the ledger: the one named, else the embedded file in the data directory."""
        return self.database_url or f"sqlite:///{self.data_dir / 'inforce.sqlite3'}"

    def answers_url(self) -> str:
        """The database that answers are read from: the reader's own where one is named."""
        return self.reader_database_url or self.ledger_url()

    def links_url(self) -> str:
        """What absolute links begin with, without a slash at the end."""
        return str(self.public_url or f"http://{self.host}:{self.port}").rstrip("/")

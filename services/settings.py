"""Every setting of a process, from the environment (`INFORCE_*`); nothing else reads the environment."""

from ipaddress import ip_address
from pathlib import Path
from typing import Literal

from pydantic import AnyHttpUrl, Field, SecretStr
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
    open: bool = False
    requests_per_second: float | None = Field(default=None, gt=0)
    kafka_bootstrap: str | None = None
    kafka_security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = "PLAINTEXT"
    kafka_sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] | None = None
    kafka_sasl_username: str | None = None
    kafka_sasl_password: SecretStr | None = None
    kafka_ssl_cafile: Path | None = None
    kafka_ssl_certfile: Path | None = None
    kafka_ssl_keyfile: Path | None = None
    kafka_ssl_password: SecretStr | None = None
    signing_key_file: Path | None = None
    max_source_bytes: int = Field(default=20 * 1024 * 1024, gt=0)
    secret_key: SecretStr | None = None
    webhook_allow_private: bool = False

    def ledger_url(self) -> str:
        """The database of the ledger: the one named, else the embedded file in the data directory."""
        return self.database_url or f"sqlite:///{self.data_dir / 'inforce.sqlite3'}"

    def answers_url(self) -> str:
        """The database that answers are read from: the reader's own where one is named."""
        return self.reader_database_url or self.ledger_url()

    def key_file(self) -> Path:
        """Where the key is that signs checkpoints: the file named, else one in the data directory."""
        return self.signing_key_file or self.data_dir / "signing.key"

    def links_url(self) -> str:
        """What absolute links begin with, without a slash at the end."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return str(self.public_url or f"http://{host}:{self.port}").rstrip("/")

    def on_loopback(self) -> bool:
        """Whether only this machine can reach the service."""
        return is_loopback(self.host)


def is_loopback(host: str) -> bool:
    """Whether a host is this machine alone: `localhost` or a loopback address; any other name may be anywhere."""
    try:
        return host.lower() == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False

"""What every Kafka client of ours is told, as the settings say it."""

from typing import Any

from services.settings import Settings

ANSWER = 5
"""Seconds that a broker has to answer what it is asked about itself."""


def options(settings: Settings) -> dict[str, Any]:
    """What every client of ours says of itself and of the brokers, as far as it is set."""
    secrets = {"sasl_plain_password": settings.kafka_sasl_password, "ssl_password": settings.kafka_ssl_password}
    given: dict[str, Any] = {
        "security_protocol": settings.kafka_security_protocol,
        "sasl_mechanism": settings.kafka_sasl_mechanism,
        "sasl_plain_username": settings.kafka_sasl_username,
        "ssl_cafile": settings.kafka_ssl_cafile and str(settings.kafka_ssl_cafile),
        "ssl_certfile": settings.kafka_ssl_certfile and str(settings.kafka_ssl_certfile),
        "ssl_keyfile": settings.kafka_ssl_keyfile and str(settings.kafka_ssl_keyfile),
    } | {name: secret and secret.get_secret_value() for name, secret in secrets.items()}
    return {
        "bootstrap_servers": (settings.kafka_bootstrap or "").split(","),
        "client_id": "inforce",
        "bootstrap_timeout_ms": ANSWER * 1000,
        "request_timeout_ms": 2 * ANSWER * 1000,
        "reconnect_backoff_max_ms": ANSWER * 1000,
        **{name: value for name, value in given.items() if value is not None},
    }

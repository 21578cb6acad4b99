"""Every setting of the gateway, once: name, type, default, help. Read at the start, and never again.

A setting comes from the command line, else from the environment (TESLIMAT_ and its name in capitals), else from
the TOML file that TESLIMAT_CONFIG names, else from its default here.
"""

import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Final

import msgspec
from msgspec import Meta, Struct

from teslimat.core.networks import Network, read_network

PREFIX: Final = "TESLIMAT_"
_NETWORKS: Final = ("trusted_proxies", "webhook_networks")
SQLITE: Final = "sqlite:///"

Port = Annotated[int, Meta(ge=0, le=65_535)]


class Settings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What can be set, for all commands."""

    database: Annotated[str, Meta(description="Where everything is kept, as a URL.")] = "sqlite:///teslimat.db"
    host: Annotated[str, Meta(description="The address to listen on.")] = "127.0.0.1"
    port: Annotated[Port, Meta(description="The port to listen on; 0 takes any that is free.")] = 8080
    operator_code: Annotated[
        str, Meta(description="Appended to every text after a blank, and counted; empty appends nothing.")
    ] = "B186"
    lifetime_hours: Annotated[
        float, Meta(gt=0, le=24 * 365, description="How long after its time to send an order may stay open.")
    ] = 48
    uncertain_grace_seconds: Annotated[
        float, Meta(ge=0, le=3600, description="How long answers and receipts may still name an uncertain message.")
    ] = 5
    trusted_proxies: Annotated[
        tuple[str, ...], Meta(description="Networks whose X-Forwarded-For is believed, separated by commas.")
    ] = ()
    webhook_networks: Annotated[
        tuple[str, ...],
        Meta(description="Networks that webhooks may reach although they are not public, separated by commas."),
    ] = ()
    webhook_log_days: Annotated[
        float, Meta(gt=0, le=365, description="How long what was told to webhooks can be looked up and told again.")
    ] = 7
    log_level: Annotated[str, Meta(pattern="^(debug|info|warning|error)$", description="What to log.")] = "info"

    @property
    def suffix(self) -> str:
        """What is appended to every text."""
        return f" {self.operator_code}" if self.operator_code else ""

    @property
    def database_path(self) -> Path:
        """The SQLite file."""
        return Path(self.database.removeprefix(SQLITE))

    @property
    def proxy_networks(self) -> tuple[Network, ...]:
        """The networks of trusted_proxies."""
        return tuple(read_network(network) for network in self.trusted_proxies)

    @property
    def receiver_networks(self) -> tuple[Network, ...]:
        """The networks of webhook_networks."""
        return tuple(read_network(network) for network in self.webhook_networks)


class WrongSetting(Exception):  # noqa: N818 - its message tells which, and what it should be
    """A setting that cannot be."""


def load_settings(
    given: Mapping[str, str | int | tuple[str, ...] | None], environment: Mapping[str, str] = os.environ
) -> Settings:
    """Gather the settings; given are those of the command line, None where it says nothing.

    Raises WrongSetting.
    """
    values: dict[str, object] = {}
    file = environment.get(f"{PREFIX}CONFIG")
    if file:
        values |= _read_file(Path(file))
    for name in Settings.__struct_fields__:
        value = environment.get(PREFIX + name.upper())
        if value is not None:
            is_list = name in _NETWORKS
            values[name] = [part.strip() for part in value.split(",") if part.strip()] if is_list else value
    values |= {name: value for name, value in given.items() if value is not None}
    try:
        settings = msgspec.convert(values, Settings, strict=False)
    except msgspec.ValidationError as error:
        raise WrongSetting(_in_words(str(error))) from error
    for name in _NETWORKS:
        _check_networks(name, getattr(settings, name))
    if not settings.database.startswith(SQLITE) or not settings.database.removeprefix(SQLITE):
        raise WrongSetting(f"'{settings.database}' is no database URL: write sqlite:///FILE")
    return settings


def _check_networks(name: str, networks: tuple[str, ...]) -> None:
    try:
        for network in networks:
            read_network(network)
    except ValueError as error:
        raise WrongSetting(f"wrong {name} ({PREFIX}{name.upper()}): {error}") from error


def _in_words(error: str) -> str:
    """Say which setting is wrong, and under which name it can be given."""
    what, _, where = error.partition(" - at `$.")
    name = re.split(r"[`\[]", where)[0]
    return f"wrong {name} ({PREFIX}{name.upper()}): {what}" if name else f"wrong setting: {what}"


def _read_file(path: Path) -> dict[str, object]:
    try:
        with path.open("rb") as file:
            values = tomllib.load(file)
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise WrongSetting(f"cannot read the settings in {path}: {error}") from error
    for name in values:
        if name not in Settings.__struct_fields__:
            raise WrongSetting(f"there is no setting '{name}', which {path} has")
    return values

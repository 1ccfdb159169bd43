"""Reads the site's configuration: one TOML file, and `CRAMP_CDS_SECTION__KEY` in the environment.

A key that is not known is an error, so that a misspelt limit is never silently the default. The
same file serves `serve`, `assess`, `explain`, `feedback` and `log`.
"""

import difflib
import ipaddress
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import MISSING, fields, replace
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cds.errors import UsageError
from cds.web.setting_faults import SettingFaults
from cds.web.setting_values import as_field_type, boolean
from cds.web.settings import (
    CREATABLE,
    RESPONSE_SOURCES,
    AuthSettings,
    CardSettings,
    Client,
    Config,
    CorsSettings,
    FormSettings,
    LabLimit,
    LimitSettings,
    ServerSettings,
    SiteSettings,
    StoreSettings,
)
from cds.web.validate_settings import ValidateSettings

PREFIX = "CRAMP_CDS_"
DATABASE = "decisions.db"
SECTIONS: Mapping[str, type] = {
    "server": ServerSettings,
    "auth": AuthSettings,
    "cors": CorsSettings,
    "store": StoreSettings,
    "site": SiteSettings,
    "cards": CardSettings,
    "limits": LimitSettings,
    "validate": ValidateSettings,
    "form": FormSettings,
}
LOG_LEVELS = ("debug", "info", "warning", "error")
# RFC 7518 and 8037 without the symmetric ones and without SHA-1: a shared secret is no client's
# own.
ASYMMETRIC = frozenset(
    ("ES256", "ES384", "ES512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "EdDSA")
)


def load(path: str | None, environment: Mapping[str, str]) -> Config:
    """The configuration of `path` (None: only the defaults), with the environment above it.

    Raises:
        UsageError: the file cannot be read, or a key, a type or a value is not one of the known.
    """
    tables = _read(path) if path else {}
    where = path or "environment"
    listed = tables.pop("client", [])
    for key, value in _overrides(environment):
        section, _, name = key.partition(".")
        tables.setdefault(section, {})[name] = value
    faults = SettingFaults()
    for name in sorted(set(tables) - set(SECTIONS)):
        faults.add(_unknown(where, name, (*SECTIONS, "client")))
    clients: list[Client] = faults.kept(_list_of, listed, Client, f"{where}: [[client]]") or []
    read: dict[str, Any] = {
        name: faults.kept(_section, name, kind, tables, where) for name, kind in SECTIONS.items()
    }
    faults.end()
    if not read["store"].url:
        read["store"] = replace(read["store"], url=f"sqlite:///{_state(environment)}/{DATABASE}")
    return Config(clients=tuple(clients), **read)


def _section(name: str, kind: type, tables: Mapping[str, Any], where: str) -> Any:
    table = tables.get(name, {})
    if kind is SiteSettings:
        return _site(table, where)
    return _table(table, kind, f"{where}: [{name}]")


def _state(environment: Mapping[str, str]) -> str:
    """Where this account keeps what programs write: systemd's folder, XDG's, or the usual one."""
    given = environment.get("STATE_DIRECTORY", "").partition(":")[0]
    home = environment.get("XDG_STATE_HOME") or f"{environment.get('HOME', '.')}/.local/state"
    return given or f"{home}/cramp-cds"


def check_switches(site: SiteSettings, known: Collection[str]) -> None:
    """Refuse a switch in [site] that no installed pack has."""
    for name in site.options:
        if name not in known:
            raise _unknown("[site]", name, (*known, *(f.name for f in fields(SiteSettings))))


def check_server(config: Config) -> None:
    """Refuse a server that would be open, or that could not be called by anyone.

    Raises:
        UsageError: the combination of settings is not safe, or makes no sense.
    """
    loopback = is_loopback(config.server.host)
    faults = SettingFaults()
    for check in (_check_choices, _check_proxies, _check_limits):
        faults.kept(check, config)
    faults.kept(_check_tokens, config, loopback=loopback)
    names = [client.name for client in config.clients]
    for client in config.clients:
        faults.kept(_check_client, client, required=config.auth.required, loopback=loopback)
    for name in sorted({name for name in names if names.count(name) > 1}):
        problem = f"the name {name} is used twice."
        faults.add(UsageError("[[client]] name", problem, "Names must be unique."))
    faults.end()


def _check_choices(config: Config) -> None:
    if config.store.on_failure not in {"spool", "refuse"}:
        raise UsageError("[store] on_failure", 'must be "spool" or "refuse".')
    if config.cards.not_assessed not in {"card", "412"}:
        raise UsageError("[cards] not_assessed", 'must be "card" or "412".')
    if "*" in config.cors.origins or "null" in config.cors.origins:
        hint = "List each origin, such as https://ehr.example.org."
        raise UsageError("[cors] origins", '"*" and "null" are not allowed.', hint)


def _check_limits(config: Config) -> None:
    limits = config.limits
    if 0 < limits.body_bytes_in_flight < 2 * limits.body_bytes:
        hint = "One caller may use half of it, and the largest body must fit into that half."
        problem = "is less than twice body_bytes."
        raise UsageError("[limits] body_bytes_in_flight", problem, hint)
    if not config.store.enabled and any(c.responses in {"own", "both"} for c in config.clients):
        hint = "Answers are kept in the decision log: set [store] enabled."
        raise UsageError("[[client]] responses", "own and both need the decision log.", hint)


def _check_proxies(config: Config) -> None:
    server = config.server
    for text in server.trusted_proxies:
        try:
            ipaddress.ip_network(text)
        except ValueError:
            hint = "Write 10.0.0.7 or 10.0.0.0/8."
            problem = f"{text} is neither an IP address nor a network."
            raise UsageError("[server] trusted_proxies", problem, hint) from None
    if server.log_level not in LOG_LEVELS:
        hint = f"Take one of {', '.join(LOG_LEVELS)}."
        raise UsageError("[server] log_level", f"{server.log_level} is not a log level.", hint)


def _check_tokens(config: Config, *, loopback: bool) -> None:
    if not config.auth.required and not loopback:
        problem = "must be true unless the service listens on loopback only."
        raise UsageError("[auth] required", problem, "Set it to true.")
    for name in config.auth.algorithms:
        if name not in ASYMMETRIC:
            hint = f"Take some of {', '.join(sorted(ASYMMETRIC))}."
            raise UsageError("[auth] algorithms", f"{name} is not an asymmetric algorithm.", hint)
    if config.auth.required and not config.clients:
        problem = "is missing: tokens are required, and no client is registered."
        raise UsageError("[[client]]", problem, "Add a [[client]] table, or try it with --demo.")


def is_loopback(host: str) -> bool:
    """Whether this name or address is the machine itself."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _check_client(client: Client, *, required: bool, loopback: bool) -> None:
    where = f"[[client]] {client.name}"
    if required and not (client.iss and (client.key_addresses or client.jwks_file)):
        hint = "Give iss, and jwks_url or jwks_file."
        raise UsageError(where, "needs an issuer and keys: this client must sign.", hint)
    _check_words(client, where)
    addresses = [("jwks_url", url) for url in client.key_addresses]
    for name, url in (*addresses, ("fhir_base", client.fhir_base)):
        if url:
            _check_address(name, url, where, loopback=loopback)


def _check_address(name: str, url: str, where: str, *, loopback: bool) -> None:
    parts = urlsplit(url)
    plain = parts.scheme == "http" and loopback
    if (parts.scheme != "https" and not plain) or not parts.hostname:
        hint = "Use https; http is allowed only while the server listens on loopback."
        raise UsageError(where, f"{name} is not an https address.", hint)
    if parts.username or parts.query or parts.fragment or "\\" in url:
        raise UsageError(where, f"{name} may hold only scheme, host, port and path.")


def _check_words(client: Client, where: str) -> None:
    if client.responses not in RESPONSE_SOURCES:
        hint = f"Known: {', '.join(RESPONSE_SOURCES)}."
        raise UsageError(f"{where} responses", f'"{client.responses}" is not known.', hint)
    for name in client.creates:
        if name not in CREATABLE:
            raise _unknown(f"{where} creates", name, CREATABLE)


def _read(path: str) -> dict[str, Any]:
    try:
        text = Path(path).read_text(encoding="utf-8")
        return tomllib.loads(text, parse_float=Decimal)
    except OSError as error:
        raise UsageError(path, f"cannot be read: {error.strerror}.", "Check the path.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(path, f"is not TOML: {error}.", "See docs/integrating.md.") from error


def _overrides(environment: Mapping[str, str]) -> list[tuple[str, str]]:
    """`CRAMP_CDS_SERVER__PORT=9` as ("server.port", "9"); names without `__` are someone else's."""
    return [
        (name.removeprefix(PREFIX).lower().replace("__", ".", 1), text)
        for name, text in sorted(environment.items())
        if name.startswith(PREFIX) and "__" in name.removeprefix(PREFIX)
    ]


def _site(table: Mapping[str, Any], where: str) -> SiteSettings:
    """[site] has keys of its own; any other is a switch, checked by `check_switches`."""
    own = {"communicate_urgent", "recipient", "answers_valid_hours"}
    options = {
        name: boolean(value, f"{where}: [site] {name}")
        for name, value in table.items()
        if name not in own and name != "lab"
    }
    lab = _list_of(table.get("lab", []), LabLimit, f"{where}: [[site.lab]]")
    read = _values({name: table[name] for name in own & set(table)}, SiteSettings, where)
    return SiteSettings(options=options, lab=tuple(lab), **read)


def _list_of(value: object, kind: type, where: str) -> list[Any]:
    if not isinstance(value, list):
        raise UsageError(where, "must be an array of tables.", "Write [[name]].")
    faults = SettingFaults()
    read = [faults.kept(_table, entry, kind, where) for entry in value]
    faults.end()
    return read


def _table(table: object, kind: type, where: str) -> Any:
    if not isinstance(table, dict):
        raise UsageError(where, "must be a table.")
    try:
        return kind(**_values(table, kind, where))
    except TypeError as error:
        owed = {f.name for f in fields(kind) if f.default is f.default_factory is MISSING}
        missing = ", ".join(sorted(owed - set(table)))
        raise UsageError(where, f"is incomplete; missing: {missing}.") from error


def _values(table: Mapping[str, Any], kind: type, where: str) -> dict[str, Any]:
    types = {f.name: f.type for f in fields(kind)}
    faults = SettingFaults()
    read: dict[str, Any] = {}
    for name, value in table.items():
        if name not in types:
            faults.add(_unknown(where, name, types))
        else:
            read[name] = faults.kept(as_field_type, value, types[name], f"{where} {name}")
    faults.end()
    return read


def _unknown(where: str, name: str, known: Collection[str]) -> UsageError:
    near = difflib.get_close_matches(name, list(known), 1)
    hint = f"Did you mean {near[0]}?" if near else f"Known: {', '.join(sorted(known))}."
    return UsageError(where, f"{name} is not known.", hint)

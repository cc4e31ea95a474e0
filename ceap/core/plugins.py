"""The registry of plug-ins: built-ins, entry points and the installation's own files come through the same door.

Kinds are the folders of `ceap/plugins` ("channels", …). A plug-in module defines `plugin`. Where they come from:
`ceap.plugins.<kind>.*`; entry points of the group `ceap.<kind>`; `<home>/plugins/<kind>/*.py`.
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import logging
import pkgutil
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from pydantic import BaseModel, SecretStr

from ceap.core.ports import API_VERSION, Channel

log = logging.getLogger("ceap.plugins")
PORTS: dict[str, Any] = {"channels": Channel}


@dataclass(frozen=True)
class Registry:
    """The plug-ins of one kind by key, and what could not be loaded: {where: why}."""

    plugins: dict[str, Any] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)


@lru_cache(maxsize=32)
def registry(kind: str, home: Path | None = None) -> Registry:
    """Every plug-in of `kind`, loaded once a process. One that breaks is left out and its error kept.

    Raises:
        KeyError: there is no such kind.
    """
    port, found = PORTS[kind], Registry()
    for where, load in _places(kind, home):
        try:
            plugin: Any = load()
            if plugin.api_version != API_VERSION:
                raise TypeError(f"is written for api_version {plugin.api_version}, this is {API_VERSION}")
            if not isinstance(plugin, port):
                raise TypeError(f"does not have everything a plug-in of {kind} needs")
            if plugin.key in found.plugins:
                raise ValueError(f"the key {plugin.key!r} is taken")
            found.plugins[plugin.key] = plugin
        except Exception as error:  # whatever a stranger's file raises
            log.exception("plug-in %s cannot be loaded", where)
            found.errors[where] = f"{type(error).__name__}: {error}"
    return found


def _places(kind: str, home: Path | None) -> Iterator[tuple[str, Any]]:
    package = importlib.import_module(f"ceap.plugins.{kind}")
    for module in sorted(pkgutil.iter_modules(package.__path__), key=lambda m: m.name):
        name = f"ceap.plugins.{kind}.{module.name}"
        yield name, lambda name=name: importlib.import_module(name).plugin
    for point in entry_points(group=f"ceap.{kind}"):
        yield point.value, point.load
    for file in sorted((home / "plugins" / kind).glob("*.py")) if home else ():
        yield str(file), lambda file=file: _from_file(kind, file).plugin


def _from_file(kind: str, file: Path) -> Any:
    digest = hashlib.sha256(str(file).encode()).hexdigest()[:8]
    name = f"ceap_home_plugins_{kind}_{file.stem}_{digest}"
    spec = importlib.util.spec_from_file_location(name, file)
    if spec is None or spec.loader is None:
        raise ImportError(f"{file} is not a Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def secret_fields(config: type[BaseModel]) -> list[str]:
    """The names of a Config's secret fields."""
    return [name for name, f in config.model_fields.items() if f.annotation is SecretStr]


def destination(config: type[BaseModel], values: Mapping[str, Any]) -> dict[str, Any]:
    """Where a Config's secrets go, of its plain `values`: the fields marked `"destination": True` in their
    `json_schema_extra`; where none is marked, every field that is not secret."""
    fields = config.model_fields
    plain = [name for name in fields if name not in secret_fields(config)]
    marked = [name for name in plain if _mark(fields[name], "destination")]
    return {name: values.get(name, fields[name].get_default(call_default_factory=True)) for name in marked or plain}


def sent_secrets(config: type[BaseModel]) -> list[str]:
    """The secret fields that are shown to the destination: all but those marked `"stays": True` (a signing key)."""
    return [name for name in secret_fields(config) if not _mark(config.model_fields[name], "stays")]


def _mark(field: Any, name: str) -> bool:
    extra = field.json_schema_extra
    return isinstance(extra, dict) and bool(extra.get(name))


def schema(config: type[BaseModel]) -> dict[str, Any]:
    """The JSON Schema of a Config, for the form in the page (secret fields have `"writeOnly": true`)."""
    return config.model_json_schema()

"""Create, change, archive and try sender identities."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from pydantic import SecretStr, ValidationError

from ceap.accounts.actions import audit
from ceap.accounts.contracts import SYSTEM, Actor, Level
from ceap.channels.actions.claiming import breaker_closes
from ceap.channels.models import Sender, Source
from ceap.channels.providers import provider_of, sealed_for, secrets_of
from ceap.core import mime
from ceap.core.plugins import destination, registry, secret_fields, sent_secrets
from ceap.core.ports import ProviderDown
from ceap.kit.clock import now
from ceap.kit.home import Home
from ceap.kit.problem import Conflict, FieldError, Invalid, NotFound, invalid
from ceap.kit.seal import CannotUnseal

TRIAL_SECONDS = 15.0
FIELDS = ("name", "from_name", "from_address", "reply_to", "rate_per_second", "burst")


def create_sender(
    actor: Actor, *, provider: str, config: dict[str, Any], default: bool = False, **given: Any
) -> Sender:
    """A new sender identity; `config` holds the provider's fields, secret ones among them.

    Raises:
        Forbidden, Invalid: naming each wrong field ("config.<field>" for the provider's).
    """
    actor.require("channels_manage", Level.ALL)
    plugin = _plugin(provider)
    plain, secrets = _checked(plugin, config, {})
    row = Sender(channel=plugin.channel, provider=provider, config=plain, created_at=now(), **_identity(given))
    row.secrets = sealed_for(row, Home.load(), plugin, secrets)
    with transaction.atomic():
        others = Sender.objects.filter(channel=row.channel, archived_at=None)
        row.default = default or not others.exists()
        if row.default:
            others.update(default=False)
        row.save(force_insert=True)
        audit(actor, "channels.create_sender", "sender", row.pk, row.name, after=_shown(row))
    return row


def update_sender(actor: Actor, sender_id: UUID, *, config: dict[str, Any] | None = None, **given: Any) -> Sender:
    """Change an identity. A secret field that is absent, null or "" in `config` keeps its value, as long as it goes to
    the same destination.

    Raises:
        Forbidden, NotFound, Invalid, Conflict: it is archived.
    """
    actor.require("channels_manage", Level.ALL)
    default = given.pop("default", None)
    with transaction.atomic():
        row = _live(sender_id)
        before = _shown(row)
        for name, value in _identity({**{f: getattr(row, f) for f in FIELDS}, **given}).items():
            setattr(row, name, value)
        if config is not None:
            _configure(row, config)
        if default:
            Sender.objects.filter(channel=row.channel, archived_at=None).exclude(pk=row.pk).update(default=False)
            row.default = True
        row.save()
        after = _shown(row)
        changed = [key for key in after if after[key] != before[key]]
        audit(
            actor, "channels.update_sender", "sender", row.pk, row.name,
            before={k: before[k] for k in changed}, after={k: after[k] for k in changed},
        )  # fmt: skip
    breaker_closes(row.pk)  # with a new configuration it is worth trying at once
    return row


def archive_sender(actor: Actor, sender_id: UUID) -> Sender:
    """Put an identity out of use.

    Raises:
        Forbidden, NotFound, Conflict: something is on its way with it.
    """
    actor.require("channels_manage", Level.ALL)
    with transaction.atomic():
        row = _live(sender_id)
        if Source.objects.filter(sender_id=row.pk, closed_at=None).exists():
            raise Conflict("Messages of this sender are on their way; cancel them or wait until they have been sent.")
        row.archived_at, row.default = now(), False
        row.save(update_fields=["archived_at", "default"])
        audit(actor, "channels.archive_sender", "sender", row.pk, row.name)
    return row


@dataclass(frozen=True)
class Trial:
    """Whether a connection could be opened, and the kind of failure in a sentence if not."""

    ok: bool
    detail: str


def try_sender(
    actor: Actor, *, sender_id: UUID | None = None, provider: str = "smtp", config: dict[str, Any] | None = None
) -> Trial:
    """Connect, encrypt and sign in, without sending: with a stored identity, with `config` over it when given.

    Raises:
        Forbidden, NotFound, Invalid.
    """
    actor.require("channels_manage", Level.ALL)
    row = _live(sender_id) if sender_id else Sender(provider=provider, channel=_plugin(provider).channel)
    if config is not None:
        _configure(row, config)
    try:
        provider_of(row).open(patience=TRIAL_SECONDS).close()
    except ProviderDown as down:
        return Trial(False, str(down))
    return Trial(True, "The server accepts the connection.")


def ensure_sink_sender(config: dict[str, Any]) -> Sender:
    """The demo's sender identity, which reaches the mail sink as `config` says.

    Of a home filled before sinks asked for a password, or whose sink has another port now, the senders that write to
    this machine without encryption are told the way.
    """
    rows = list(Sender.objects.filter(channel="email", provider="smtp", archived_at=None).order_by("created_at"))
    for row in rows:
        local = (row.config.get("host"), row.config.get("security")) == (config["host"], "none")
        if local and any(row.config.get(name) != config[name] for name in ("port", "username")):
            update_sender(SYSTEM, row.pk, config=config)
    return rows[0] if rows else create_sender(
        SYSTEM, provider="smtp", name="Demo shop", from_name="Demo Shop", from_address="news@shop.example",
        default=True, config=config,
    )  # fmt: skip


def _live(sender_id: UUID) -> Sender:
    row = Sender.objects.filter(pk=sender_id).first()
    if row is None:
        raise NotFound("There is no such sender.")
    if row.archived_at:
        raise Conflict("This sender is archived.")
    return row


def _plugin(key: str) -> Any:
    found = registry("channels", Home.load().path).plugins.get(key)
    if found is None:
        raise invalid("provider", f"There is no channel plug-in “{key}”.")
    return found


def _configure(row: Sender, config: dict[str, Any]) -> None:
    """Give `row` another configuration; stored secrets stay where they are not given anew.

    Raises:
        Invalid: naming each wrong field, and each stored secret that would go to another destination.
    """
    home, plugin = Home.load(), _plugin(row.provider)
    try:
        kept = secrets_of(row, home, plugin)
    except CannotUnseal:
        kept = {}
    plain, secrets = _checked(plugin, config, kept)
    before, after = (destination(plugin.Config, values) for values in (row.config, plain))
    moved = [name for name in after if after[name] != before[name]]
    words = " and ".join(str(plugin.Config.model_fields[name].title or name) for name in moved)
    carried = [name for name in sent_secrets(plugin.Config) if name in secrets and not config.get(name)]
    if moved and carried:
        message = f"{words} changed; type this again: what is stored goes to no other destination."
        raise Invalid(message, errors=[FieldError(f"config.{name}", message) for name in carried])
    row.config = plain
    row.secrets = sealed_for(row, home, plugin, secrets)


def _checked(plugin: Any, config: dict[str, Any], kept: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The plain and the secret part of a provider's configuration."""
    hidden = secret_fields(plugin.Config)
    unknown = [
        FieldError(f"config.{name}", "There is no such field.")
        for name in config
        if name not in plugin.Config.model_fields
    ]
    if unknown:
        raise Invalid("; ".join(e.message for e in unknown), errors=unknown)
    given = {name: value for name, value in config.items() if name not in hidden}
    secrets = {name: config.get(name) or kept.get(name) or "" for name in hidden}
    try:
        valid = plugin.Config.model_validate({**given, **{k: v for k, v in secrets.items() if v}})
    except ValidationError as error:
        errors = [FieldError(f"config.{'.'.join(map(str, e['loc']))}", e["msg"]) for e in error.errors()]
        raise Invalid("; ".join(f"{e.field}: {e.message}" for e in errors), errors=errors) from error
    plain = {
        name: value for name, value in valid.model_dump(mode="json").items()
        if name not in hidden and not isinstance(value, SecretStr)
    }  # fmt: skip
    taken = {name: value for name in hidden if (value := getattr(valid, name).get_secret_value())}
    return plain, taken  # a Config may drop a secret that it has no use for


def _identity(given: dict[str, Any]) -> dict[str, Any]:
    errors = []
    values = {name: given[name] for name in FIELDS if name in given}
    for name in ("name", "from_name", "from_address", "reply_to"):
        if name in values:
            values[name] = mime.one_line(str(values[name] or ""))
    for name, label in (("name", "a name"), ("from_name", "the name people see"), ("from_address", "an address")):
        if not values.get(name):
            errors.append(FieldError(name, f"Give {label}."))
    for name in ("from_address", "reply_to"):
        if values.get(name):
            try:
                mime.address(values[name])
            except mime.BadAddress:
                errors.append(FieldError(name, "This is not an email address."))
    if float(values.get("rate_per_second") or 0) < 0:
        errors.append(FieldError("rate_per_second", "Give 0 (no limit) or more."))
    if int(values.get("burst", 1)) < 1:
        errors.append(FieldError("burst", "Give 1 or more."))
    if errors:
        raise Invalid("; ".join(e.message for e in errors), errors=errors)
    return values


def _shown(row: Sender) -> dict[str, Any]:
    secret = {"secrets": bool(row.secrets)}
    return {**{f: getattr(row, f) for f in FIELDS}, "default": row.default, "config": row.config, **secret}

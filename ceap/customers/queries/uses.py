"""Where fields are used. Packages above know of rules and templates; they register here what they know."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from django.utils.module_loading import import_string

from ceap.accounts import queries as accounts
from ceap.accounts.contracts import ADMINISTRATOR, Actor
from ceap.customers.contracts import Field, FieldUse
from ceap.customers.queries.fields import fields_for, retired
from ceap.kit.problem import NotFound

Finder = Callable[[Actor, Field], Iterable[FieldUse]]
_finders: list[str] = []


def field_uses(finder: str) -> None:
    """Register what finds uses of a field: a `Finder` by its dotted path, imported when somebody asks.

    It is called with the actor who asks and names what that actor may see; what the actor may not see is named in
    general words, so that nobody breaks it unawares.
    """
    _finders.append(finder)


def uses(actor: Actor, key: str) -> list[FieldUse]:
    """Where the field `key`, in use or retired, is used.

    Raises:
        Forbidden: the actor may not manage fields.
        NotFound: there is no such field for the actor.
    """
    actor.require("fields_manage")
    known = {f.key: f for f in (*fields_for(actor), *(f for f in retired() if f.seen_by(actor)))}
    if key not in known:
        raise NotFound("There is no such field.")
    return [use for finder in _finders for use in import_string(finder)(actor, known[key])]


def role_names(actor: Actor) -> dict[str, str]:
    """The roles that a field can be limited to: name by key, administrators (who see everything) left out.

    Raises:
        Forbidden: the actor may not manage fields.
    """
    actor.require("fields_manage")
    return {key: name for key, name in accounts.role_names().items() if key != ADMINISTRATOR}

"""Nobody hands out more than they have: the one check before anything acts for somebody else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ceap.accounts import queries
from ceap.accounts.contracts import PERMISSIONS, Actor
from ceap.accounts.rules import may_grant
from ceap.kit.problem import Forbidden


def require_within(actor: Actor, grants: Mapping[str, str], scopes: Iterable[str] = (), *, role: str = "") -> None:
    """Refuse to hand out, or to touch, what reaches further than the actor does.

    Args:
        scopes: of a data-plane key.
        role: the key of the role that what is handed out will have: a role may see fields that the actor's may not.

    Raises:
        Forbidden: naming the permissions that the actor lacks.
    """
    if keys := may_grant(actor, grants, scopes):
        labels = ", ".join(f"“{PERMISSIONS[key].label}”" for key in keys[:5])
        more = f" and {len(keys) - 5} more" if len(keys) > 5 else ""
        raise Forbidden(f"You cannot grant more than you have yourself: {labels}{more}.")
    if role and queries.role_sees_more(actor, role):
        raise Forbidden("You cannot grant more than you have yourself: this sees fields that your role may not see.")

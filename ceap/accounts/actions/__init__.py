"""Writes about users, roles, keys, the organisation and the audit trail."""

from ceap.accounts.actions.granting import require_within
from ceap.accounts.actions.keys import create_key, note_key_use, refuse_key, revoke_key
from ceap.accounts.actions.mail import send_reset_link
from ceap.accounts.actions.organisation import change_organisation
from ceap.accounts.actions.roles import create_role, delete_role, edit_role, seed_roles
from ceap.accounts.actions.trail import acts_since, audit, verify_chain
from ceap.accounts.actions.users import (
    activate_user,
    change_profile,
    create_administrator,
    create_user,
    deactivate_user,
    edit_user,
    issue_reset_link,
    one_time_password,
    remove_second_factors,
)

__all__ = [
    "activate_user", "acts_since", "audit", "change_organisation", "change_profile", "create_administrator",
    "create_key", "create_role", "create_user", "deactivate_user", "delete_role", "edit_role", "edit_user",
    "issue_reset_link", "note_key_use", "one_time_password", "refuse_key", "remove_second_factors", "require_within",
    "revoke_key", "seed_roles", "send_reset_link", "verify_chain",
]  # fmt: skip

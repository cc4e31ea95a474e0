"""Writes of customers: one function per verb, one transaction each, said in the change log and the audit trail."""

from ceap.customers.actions.activity import active
from ceap.customers.actions.batch import How, Reader, Rows
from ceap.customers.actions.create import create
from ceap.customers.actions.erase import after_restore, before_erasure, erase
from ceap.customers.actions.erasing import erase_copies, start_erasing
from ceap.customers.actions.export import folder, start_export, write_chosen, write_export
from ceap.customers.actions.fields import (
    add_field,
    add_name_fields,
    change_field,
    limit_field,
    order_fields,
    restore_field,
    retire_field,
)
from ceap.customers.actions.files import add_file, remove_file, sweep_files
from ceap.customers.actions.holds import hold, lift
from ceap.customers.actions.identities import add_identity, remove_identity
from ceap.customers.actions.mending import mend_values, start_mending
from ceap.customers.actions.merge import merge
from ceap.customers.actions.retention import retain, start_retention, would_go
from ceap.customers.actions.retention import run_if_due as retention_if_due
from ceap.customers.actions.unused import compact
from ceap.customers.actions.update import update
from ceap.customers.actions.upsert import upsert_many
from ceap.customers.actions.views import delete_view, save_view

__all__ = [
    "How", "Reader", "Rows", "active", "add_field", "add_file", "add_identity", "add_name_fields", "after_restore",
    "before_erasure", "change_field", "compact", "create", "delete_view", "erase", "erase_copies", "folder", "hold",
    "lift", "limit_field", "mend_values", "merge", "order_fields", "remove_file", "remove_identity",
    "restore_field", "retain", "retention_if_due", "retire_field", "save_view", "start_erasing", "start_export",
    "start_mending", "start_retention", "sweep_files", "update", "upsert_many", "would_go", "write_chosen",
    "write_export",
]  # fmt: skip

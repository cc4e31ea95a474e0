"""Content is written for everybody and filled in for each customer when it is sent; nothing of that is kept."""

from __future__ import annotations

from ceap.core.copies import Table, listed

OWN = "written by the organisation for everybody; a delivery's text is made when it is sent and not kept"

listed(
    Table("content_template", "name channel purpose archived_at created_at updated_at created_by_id current_id", OWN),
    Table(
        "content_version",
        "number subject preheader source html text variables links restored_from created_at created_by_id template_id",
        OWN,
    ),
)

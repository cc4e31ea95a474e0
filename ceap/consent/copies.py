"""Where consent keeps what customers could be known by."""

from __future__ import annotations

from ceap.core.copies import Table, listed

listed(
    Table(
        "consent_consentrecord",
        "channel purpose granted source at",
        "a number, and that and when consent was given or withdrawn: the proof that stays",
        of="customer_id",
        wiped={"evidence": "'{}'"},
        json="evidence",  # of others, whom the same file brought
        export="consents",
    ),
    Table(
        "consent_suppression",
        "channel purpose reason at",
        "why nothing is sent to an address",
        of="customer_id",
        handled={"address": "deleted when the customer is erased: what stays is a keyed hash"},
        export="suppressions",
    ),
    Table("consent_erasedaddress", "digest at", "keyed hashes of erased people's addresses: the addresses stay closed"),
    Table("consent_capslot", "customer_id channel window slot delivery_id at", "a number: how often it was written to"),
)

"""Permission to contact: consent with evidence, suppression, caps: the one gate."""

"""The wire of customers: parse, call, return."""

from ceap.customers.api import customers, exports, fields, files, index, retention, views
from ceap.customers.api.router import router

__all__ = ["customers", "exports", "fields", "files", "index", "retention", "router", "views"]

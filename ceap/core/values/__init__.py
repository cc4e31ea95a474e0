"""One reader per kind of value, used by every door: page, API, data plane, file import, command line, rules, search.

`text` · `contacts` (email, phone) · `identities` (what recognises a customer) · `numbers` · `dates` · `answers` (yes or
no).
A reader gives the form that is kept, or raises ValueError whose message goes behind the name of the field ("is not …").
"""

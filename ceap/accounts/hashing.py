"""How passwords are hashed."""

from __future__ import annotations

import unicodedata

from django.contrib.auth.hashers import Argon2PasswordHasher


class Argon2(Argon2PasswordHasher):
    """Argon2 over the password in NFKC, as NIST SP 800-63B asks: keyboards write é in two ways.

    A hash made before of another form is still taken.
    """

    def encode(self, password: str, salt: str) -> str:
        return str(super().encode(unicodedata.normalize("NFKC", password), salt))

    def verify(self, password: str, encoded: str) -> bool:
        normal = unicodedata.normalize("NFKC", password)
        return bool(super().verify(normal, encoded)) or (normal != password and bool(super().verify(password, encoded)))

"""Demo scenarios: homes of the product filled with real purchases and made-up people."""

from ceap.web.demo.fill import SCENARIOS, filled, logins, prepare

__all__ = ["SCENARIOS", "filled", "logins", "prepare"]

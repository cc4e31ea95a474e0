"""Demo scenarios: homes of the product filled with purchases, real or synthetic, and made-up people."""

from ceap.web.demo.cast import logins
from ceap.web.demo.fill import SCENARIOS, fill, size_of
from ceap.web.demo.home import filled, prepare

__all__ = ["SCENARIOS", "fill", "filled", "logins", "prepare", "size_of"]

"""
ringthrough: says why a phone call was refused, by whom, and whom to ask.

The rooms of the package are described in docs/architecture.md. Importing this module imports none of them, so that a
command pays only for what it uses.
"""

__version__ = "0.1.0"

__all__ = ["__version__"]

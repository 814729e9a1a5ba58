"""
The hot paths of ringthrough, compiled. `ringthrough.native` finds it; nobody else need import it.

Same results as the Python it stands in for, octet for octet; that is its whole promise. README.md says how it is kept.
"""

__version__ = "0.1.0"

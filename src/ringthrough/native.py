"""
The compiled twins of the hot paths, where they are installed: the distribution `ringthrough-native` (folder `native`).

A twin gives, octet for octet, what the Python beside it gives; without it everything works, more slowly. Setting the
environment variable RINGTHROUGH_NATIVE to 0 leaves it alone, which is how a result is compared with and without it.
"""

from __future__ import annotations

import os
from importlib import import_module
from typing import Any

from ringthrough import __version__

__all__ = ["twin"]


def twin(name: str) -> Any:
    """
    One module of ringthrough-native, `_records` or `_native`.

    Returns:
        The module; None when it is not installed, switched off, or was built for another version of ringthrough.
    """
    if os.environ.get("RINGTHROUGH_NATIVE") == "0":
        return None
    try:
        package = import_module("ringthrough_native")
        return import_module(f"ringthrough_native.{name}") if package.__version__ == __version__ else None
    except ImportError:
        return None

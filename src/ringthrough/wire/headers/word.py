"""Tokens and plain text: Supported, Require, Allow; Call-ID, Server, User-Agent."""

from __future__ import annotations

from ..grammar import is_token
from ..problems import fault

__all__ = ["parse_call_id", "parse_text", "parse_token"]


def parse_token(text: str, where: str = "token") -> str:
    """
    One token, as sent.

    Raises:
        RemoteError: it is none (`wire-token`).

    Source: RFC 3261 §25.1 (option-tag, Method)
    """
    word = text.strip()
    if not is_token(word):
        raise fault("wire-token", "a token", text, where, "RFC 3261 §25.1")
    return word


def parse_call_id(text: str, where: str = "Call-ID") -> str:
    """
    A Call-ID, as sent; it is compared octet by octet.

    Raises:
        RemoteError: it is empty or holds white space (`wire-token`).

    Source: RFC 3261 §20.8
    """
    if not text or len(text.split()) != 1:
        raise fault("wire-token", "one word", text, where, "RFC 3261 §20.8")
    return text.strip()


def parse_text(text: str, where: str = "text") -> str:  # noqa: ARG001
    """Any text, stripped. Never fails. Source: RFC 3261 §20.35, §20.41"""
    return text.strip()

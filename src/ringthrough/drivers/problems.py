"""Every problem this room reports, explained."""

from __future__ import annotations

from .hep_problems import PROBLEMS as _HEP
from .notify_problems import PROBLEMS as _NOTIFY

__all__ = ["PROBLEMS"]

_LIVE = _HEP | _NOTIFY

PROBLEMS: dict[str, str] = _LIVE | {
    "drivers-address-special": "A host has private, loopback or other special addresses only; none of them is asked.",
    "drivers-busy": "As many certificates as are allowed at a time are being fetched already.",
    "drivers-cache-file": "A file of the certificate cache is torn, altered or not of the cache, and is left out.",
    "drivers-connect": "No connection to the host came about, or it broke.",
    "drivers-encoding": "A server compressed its answer, although it was asked not to.",
    "drivers-folder": "A folder of certificates, or a file in it, cannot be read or written.",
    "drivers-folder-index": "A line of index.txt is no URL and name of a file there, or the folder needs one.",
    "drivers-host-untrusted": "The host is not on the operator's list of trusted repositories.",
    "drivers-http": "The answer of a server is not HTTP, or ends before it is complete.",
    "drivers-no-address": "The name of the host has no address.",
    "drivers-redirect": "A server redirects to another place; redirects are not followed.",
    "drivers-status": "A server answered with another status than 200.",
    "drivers-timeout": "A server did not answer completely in the time that is allowed.",
    "drivers-tls": "The connection could not be secured, or the server's certificate is not for this host.",
    "drivers-too-large": "The answer of a server is larger than is allowed.",
    "drivers-unreadable": "A server's answer, or a file, holds no certificate that can be read.",
    "drivers-url-fragment": "The URL has a fragment.",
    "drivers-url-host": "The host of a URL is no DNS name with a dot and no address in its usual form.",
    "drivers-url-long": "The URL is longer than any that is asked for.",
    "drivers-url-port": "The URL names a port that is not allowed.",
    "drivers-url-query": "The URL has a query.",
    "drivers-url-scheme": "The URL is not an https URL.",
    "drivers-url-syntax": "The URL holds characters or a form that two programs could read differently.",
    "drivers-url-userinfo": "The URL has a user name or password before its host.",
}
"Slug -> one sentence for docs/reference/problems.md."

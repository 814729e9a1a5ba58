"""
The only sockets: certificates and cards are fetched here, under guard, and kept.

The room promises that nothing in a message decides where we connect: `Guard` holds every URL against the operator's
rules, and the connection goes to the very address that was checked. What could not be had is a value that says why.
`CertificateStore` fetches and keeps, `CertificateCache` outlives the process, `CertificateFolder` and
`CardFolder` need no network.
"""

from .addresses import read_networks
from .blocking import OfflineStore, WaitingStore
from .cache import CertificateCache, Kept
from .cards import ACCEPT_CARD, CardFolder, WaitingCards
from .certificates import ACCEPT, CertificateStore, Lives, chain_of
from .folder import CertificateFolder
from .freshness import Freshness, freshness
from .guard import Guard, Resolver, Route, Target, system_resolver
from .http import LIMITS, Fetched, Limits, Step, Told, fetch_once, system_tls
from .problems import PROBLEMS

__all__ = [
    "ACCEPT",
    "ACCEPT_CARD",
    "LIMITS",
    "PROBLEMS",
    "CardFolder",
    "CertificateCache",
    "CertificateFolder",
    "CertificateStore",
    "Fetched",
    "Freshness",
    "Guard",
    "Kept",
    "Limits",
    "Lives",
    "OfflineStore",
    "Resolver",
    "Route",
    "Step",
    "Target",
    "Told",
    "WaitingCards",
    "WaitingStore",
    "chain_of",
    "fetch_once",
    "freshness",
    "read_networks",
    "system_resolver",
    "system_tls",
]

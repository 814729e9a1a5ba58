"""
The store: the only room that writes call data that lasts.

Promise: a row that was acknowledged is there, whenever the process is killed; a file or an import appears whole or not
at all, with the types of the call table; one process writes and any number read meanwhile; numbers are kept as the
store was told when it was made. DuckDB is imported when the first row is written or read, not before.
"""

from ringthrough.store.ledger import source_id
from ringthrough.store.manifest import Imported, Manifest, Retired, Segment
from ringthrough.store.parquet import ParquetFile, parquet_lines, write_parquet
from ringthrough.store.privacy import MODES, Privacy, Shade
from ringthrough.store.problems import PROBLEMS
from ringthrough.store.reader import UNDATED_US, Reader, open_store
from ringthrough.store.upkeep import GRACE_S
from ringthrough.store.writer import Import, Writer

__all__ = [
    "GRACE_S",
    "MODES",
    "PROBLEMS",
    "UNDATED_US",
    "Import",
    "Imported",
    "Manifest",
    "ParquetFile",
    "Privacy",
    "Reader",
    "Retired",
    "Segment",
    "Shade",
    "Writer",
    "open_store",
    "parquet_lines",
    "source_id",
    "write_parquet",
]

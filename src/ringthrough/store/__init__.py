"""
The store: the only room that writes call data that lasts. So far it writes Parquet.

Promise: a file appears whole or not at all, with the types of the call table.
"""

from ringthrough.store.parquet import ParquetFile, parquet_lines, write_parquet
from ringthrough.store.problems import PROBLEMS

__all__ = ["PROBLEMS", "ParquetFile", "parquet_lines", "write_parquet"]

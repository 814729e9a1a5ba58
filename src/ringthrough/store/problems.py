"""Every problem this room reports, explained."""

from __future__ import annotations

__all__ = ["PROBLEMS"]

PROBLEMS: dict[str, str] = {
    "store-busy": "Another process writes this store; one writer at a time, any number of readers.",
    "store-cannot-read": "A segment of the store cannot be read; `ringthrough store info --verify` names the bad one.",
    "store-cannot-write": "The table could not be written: the disk is full, or the folder is missing or not writable.",
    "store-closed": "A writer was used after it was closed.",
    "store-columns": "The columns asked for are not all columns of the call table, or one is asked for twice.",
    "store-engine": "DuckDB does not start.",
    "store-foreign-file": "A file in the store's folder is not part of the store; it was left out and left alone.",
    "store-import-damaged": "The entry of an import cannot be read, so it is not known whether the file was imported.",
    "store-import-id": "An import has no identity, or one that `source_id` did not make.",
    "store-key-missing": "The store keeps numbers as keyed hashes, and its key was not given.",
    "store-key-short": "The key for hashing numbers has fewer than 16 octets.",
    "store-key-wrong": "The key is not the one that the store was made with.",
    "store-manifest-damaged": "The manifest of the store cannot be read, or is not as it was written.",
    "store-newer": "A later version of this program has written the store; this one must not change it.",
    "store-newer-columns": "A later version has written columns that this one does not know and leaves out.",
    "store-not-a-store": "The folder is no store, or there are other files where a store was to be made.",
    "store-not-parquet": "A file that begins like Parquet is none, or is damaged; rows before the damage are kept.",
    "store-number-hidden": "The store hides numbers, so their last digits cannot be looked for.",
    "store-privacy": "The privacy setting is none of plain, masked and keyed, or keeps more digits than it may.",
    "store-privacy-fixed": "The store was made with another privacy setting, which cannot be changed.",
    "store-query": "The query or condition means nothing to DuckDB.",
    "store-segment-changed": "A segment is not the octets that were written.",
    "store-segment-gone": "A segment was merged or expired since this reader opened the store.",
    "store-segment-missing": "A segment that the manifest names cannot be opened; its rows are left out.",
    "store-segment-torn": "A segment is shorter or longer than it was written; its rows are left out.",
}
"Slug -> one sentence for docs/reference/problems.md."

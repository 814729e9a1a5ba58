"""The Wilson score interval, in Python and as SQL that both engines compute alike."""

from __future__ import annotations

from math import sqrt

__all__ = ["Z_SQL", "Z", "wilson", "wilson_sql"]

Z = 1.959963984540054
"97.5th percentile of the normal distribution: the interval holds 95 %."

Z_SQL = f"cast('{Z!r}' as double) as z, cast('{Z * Z!r}' as double) as zz"
"Columns that `wilson_sql` counts on, as doubles: a decimal literal is a DECIMAL for Spark."


def wilson(part: int, whole: int) -> tuple[float, float] | None:
    """
    95 % Wilson interval of a share, lower and upper end; None when the whole is 0.

    Args:
        part: calls in the numerator, 0..whole.
        whole: calls in the denominator.

    Source: E. B. Wilson, "Probable inference, the law of succession, and statistical inference" (1927)
    """
    if whole <= 0:
        return None
    middle = part + Z * Z / 2
    spread = Z * sqrt(part * (whole - part) / whole + Z * Z / 4)
    low = 0.0 if part == 0 else (middle - spread) / (whole + Z * Z)
    high = 1.0 if part == whole else (middle + spread) / (whole + Z * Z)
    return low, high


def wilson_sql(part: str, whole: str) -> tuple[str, str]:
    """
    The same as two SQL expressions, null when the whole is 0; the columns of `Z_SQL` have to be there.

    Args:
        part: column of the numerator, an integer, 0..whole.
        whole: column of the denominator, an integer.
    """
    spread = f"z * sqrt(cast({part} as double) * ({whole} - {part}) / {whole} + zz / 4)"
    low, high = (f"({part} + zz / 2 {sign} {spread}) / ({whole} + zz)" for sign in "-+")
    return (
        f"case when {whole} = 0 then null when {part} = 0 then 0 else {low} end",
        f"case when {whole} = 0 then null when {part} = {whole} then 1 else {high} end",
    )

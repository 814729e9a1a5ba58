"""
What calls say together: metrics by number, carrier, trunk, campaign, prefix, day and hour.

Promise: every metric is defined once and printed with the calls it was measured on; what the source of a call cannot
know is left out of its metric, and a metric that nobody can know is null, never 0. The statements are SQL files that
DuckDB and Spark run alike. DuckDB is imported when the first statement runs.
"""

from ringthrough.analytics.definitions import COUNTS, METRICS, Count, Mean, Metric, Quantiles, Rate, Repeats, columns_of
from ringthrough.analytics.dimensions import DIMENSIONS, Dimension
from ringthrough.analytics.engine import DuckDBEngine, Engine, engine_of
from ringthrough.analytics.intervals import wilson
from ringthrough.analytics.matrix import BLOCK_METRICS, BlockMatrix, Cell, block_matrix
from ringthrough.analytics.metrics import metrics
from ringthrough.analytics.problems import PROBLEMS
from ringthrough.analytics.spark import SparkEngine, spark_calls
from ringthrough.analytics.spark_session import spark_engine
from ringthrough.analytics.statements import metrics_sql
from ringthrough.analytics.table import Table

__all__ = [
    "BLOCK_METRICS",
    "COUNTS",
    "DIMENSIONS",
    "METRICS",
    "PROBLEMS",
    "BlockMatrix",
    "Cell",
    "Count",
    "Dimension",
    "DuckDBEngine",
    "Engine",
    "Mean",
    "Metric",
    "Quantiles",
    "Rate",
    "Repeats",
    "SparkEngine",
    "Table",
    "block_matrix",
    "columns_of",
    "engine_of",
    "metrics",
    "metrics_sql",
    "spark_calls",
    "spark_engine",
    "wilson",
]

"""
`spark_engine`: a Spark session for the statements of this room, from its start to its end.

Theory of operation
- pyspark starts a Java process, which stays until Python ends; sessions come and go in it. What it prints goes into a
  file that nobody sees, but for its last words when it does not start.
- A master that cannot be reached, and a cluster that has no core free, are waited for `wait_s` seconds, not for ever:
  before anything else the master's port is called, and then one job without data has to come back.
- Settings of spark-defaults.conf hold, but for those that the answers hang on (`_FIXED`).
"""

from __future__ import annotations

import logging
import os
import re
import shutil
import signal
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

from ringthrough.analytics.spark import Sources, SparkEngine, first_line, spark_calls
from ringthrough.errors import BackendError, LocalError, Problem

if TYPE_CHECKING:
    from pyspark import SparkContext
    from pyspark.sql import DataFrame, SparkSession

__all__ = ["LOCAL_MASTER", "WAIT_S", "spark_engine"]

LOCAL_MASTER = "local[*]"
"Spark in one process on this machine, with all of its cores."
WAIT_S = 60.0
"How long a master and its workers may take to answer."
_FIXED = {
    "spark.app.name": "ringthrough",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.timestampType": "TIMESTAMP_NTZ",
    "spark.sql.ansi.enabled": "true",
    "spark.sql.adaptive.enabled": "true",
    "spark.ui.showConsoleProgress": "false",
    "spark.ui.enabled": "false",
}
_LOOPBACK = {"spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1"}
_MASTERS = re.compile(r"local(-cluster)?(\[[^\]]+\])?|spark://.+|k8s://.+|yarn")
_MASTER = re.compile(r"spark://([^,:/]+:\d+(?:,[^,:/]+:\d+)*)")
_MOST_CONNECT_S = 10.0
_PARTITIONS = "spark.sql.shuffle.partitions"
_PARTITION_BYTES = 16_777_216  # of zstd Parquet, some 800,000 calls: what a core with 1 GB sorts without spilling
_LEAST_PARTITIONS, _MOST_PARTITIONS = 4, 4_000


@contextmanager
def spark_engine(
    sources: Sources,
    *,
    master: str = LOCAL_MASTER,
    settings: Mapping[str, str] | None = None,
    wait_s: float = WAIT_S,
) -> Iterator[SparkEngine]:
    """
    Start a Spark session, give an engine on calls, and stop the session.

        from ringthrough.analytics import metrics, spark_engine
        with spark_engine("calls.parquet", master="spark://10.0.0.1:7077") as engine:
            table = metrics(engine, by=("number", "carrier"))

    Args:
        sources: a store, or Parquet files and folders, as `spark_calls`.
        master: URL of the cluster's master: `spark://HOST:PORT`, `local[N]` for this machine, or what else Spark takes.
        settings: settings of Spark, such as `spark.executor.memory`; they go before all others.
        wait_s: seconds that the master and its workers may take to answer.

    Raises:
        LocalError: there is no call table; or a session runs in this process (`analytics-spark-running`): make a
            `SparkEngine` of a table of it; or the master is no URL of one (`analytics-spark-start`).
        BackendError: pyspark or Java is missing, the cluster cannot be reached, or gives no core.
    """
    with _session(master, {**(settings or {})}, wait_s) as session:
        table = spark_calls(session, sources)
        # Of the context itself: `getConf` adds what an earlier session of this process was given.
        if not session.sparkContext._conf.contains(_PARTITIONS):
            session.conf.set(_PARTITIONS, str(_partitions(session, table)))
        yield SparkEngine(table)


def _partitions(session: SparkSession, table: DataFrame) -> int:
    """
    Pieces that calls are sorted and grouped in.

    Spark's own 200 cost seconds where there are few calls, and with many memory. Neighbours that come out small are
    joined while a statement runs (adaptive execution).
    """
    size = int(str(table._jdf.queryExecution().optimizedPlan().stats().sizeInBytes()))
    wanted = max(size // _PARTITION_BYTES + 1, 2 * session.sparkContext.defaultParallelism, _LEAST_PARTITIONS)
    return int(min(wanted, _MOST_PARTITIONS))


@contextmanager
def _session(master: str, settings: dict[str, str], wait_s: float) -> Iterator[SparkSession]:
    try:
        from pyspark import SparkContext
    except ImportError as fault:
        detail = "expected Spark's package for Python: pip install ringthrough[spark]"
        raise BackendError(Problem("analytics-spark-missing", detail)) from fault
    from pyspark.sql import SparkSession

    if SparkContext._active_spark_context is not None:
        detail = "expected no Spark session in this process, found one that runs; make a SparkEngine of its table"
        raise LocalError(Problem("analytics-spark-running", detail))
    if not _MASTERS.fullmatch(master):
        detail = f"expected a master such as spark://HOST:7077, local[2], yarn or k8s://URL, found {master}"
        raise LocalError(Problem("analytics-spark-start", detail))
    _find_java()
    # Spark's own logger for statements that fail prints pages of Java; the fault says the same.
    logging.getLogger("SQLQueryContextLogger").setLevel(logging.CRITICAL)
    with _interrupts_kept():
        context = _start(master, settings, wait_s)
        try:
            context.setLogLevel("OFF")
            session = SparkSession.builder.getOrCreate()
            _await_core(session, master, wait_s)
            yield session
        finally:
            context.stop()


@contextmanager
def _interrupts_kept() -> Iterator[None]:
    """Put back what Ctrl-C did before pyspark made it cancel jobs."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.getsignal(signal.SIGINT)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _find_java() -> None:
    """
    Make sure that there is a Java.

    Raises:
        BackendError: `analytics-spark-java`.
    """
    home = os.environ.get("JAVA_HOME")
    found = shutil.which("java", path=os.path.join(home, "bin")) if home else shutil.which("java")
    if found is None:
        where = f"below JAVA_HOME, which is {home}" if home else "on the PATH"
        detail = f"expected Java 17 or newer, which Spark runs in, found none {where} (Debian: default-jre-headless)"
        raise BackendError(Problem("analytics-spark-java", detail))


def _start(master: str, settings: dict[str, str], wait_s: float) -> SparkContext:
    """Start Java, if it does not run yet, and register with the master."""
    from py4j.protocol import Py4JError
    from pyspark import SparkConf, SparkContext, java_gateway
    from pyspark.errors import PySparkException

    named = _MASTER.fullmatch(master)
    hosts = named[1].split(",") if named else []
    conf = SparkConf(loadDefaults=False)
    near = master.startswith("local") or (hosts and all(host.startswith(("127.", "localhost:")) for host in hosts))
    wanted = _FIXED | (_LOOPBACK if near else {}) | {"spark.master": master} | settings
    for name, value in wanted.items():
        conf.set(name, value)
    launch: Any = java_gateway.launch_gateway
    with ExitStack() as stack, tempfile.TemporaryFile() as words:
        try:
            gateway = SparkContext._gateway or launch(conf, {"stdout": words, "stderr": words})
            stack.callback(_end, gateway)
            _call_masters(gateway, master, hosts, wait_s)
            return SparkContext(conf=conf, gateway=gateway)
        except (PySparkException, Py4JError, OSError, ValueError) as fault:
            words.seek(0)
            detail = f"expected Spark to start with master {master}: {_last_words(words.read(), fault)}"
            raise BackendError(Problem("analytics-spark-start", detail)) from fault


def _end(gateway: Any) -> None:
    """End a Java that pyspark has not taken over."""
    from pyspark import SparkContext

    if SparkContext._gateway is not gateway:
        gateway.shutdown()
        gateway.proc.stdin.close()
        gateway.proc.wait()


def _last_words(printed: bytes, fault: Exception) -> str:
    """What Java said before it ended; else what the fault says."""
    lines = printed.decode("utf-8", "replace").splitlines()
    told = [s.strip() for s in lines if s.strip() and not s.startswith(("\tat ", "Using ")) and "WARN" not in s]
    return "; ".join(line[:300] for line in told[:2]) or first_line(fault)


def _call_masters(gateway: Any, master: str, hosts: list[str], wait_s: float) -> None:
    """
    Connect to one of the masters; Spark itself would try for a minute and then not say why.

    Raises:
        BackendError: `analytics-spark-unreachable`.
    """
    from py4j.protocol import Py4JJavaError

    faults = []
    within_ms = int(min(wait_s, _MOST_CONNECT_S) * 1000)
    for host in hosts:
        name, _, port = host.rpartition(":")
        socket = gateway.jvm.java.net.Socket()
        try:
            socket.connect(gateway.jvm.java.net.InetSocketAddress(name, int(port)), within_ms)
        except Py4JJavaError as fault:
            faults.append(f"{host}: {fault.java_exception.getMessage()}")
        else:
            return
        finally:
            socket.close()
    if faults:
        detail = f"expected a Spark master at {master}, found {'; '.join(faults)}"
        raise BackendError(Problem("analytics-spark-unreachable", detail))


def _await_core(session: SparkSession, master: str, wait_s: float) -> None:
    """
    Run a job without data: Spark would wait for ever where no worker has a core for us.

    Raises:
        BackendError: `analytics-spark-no-core`, or `analytics-spark-start`.
    """
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    came = threading.Event()

    def give_up() -> None:
        done = came.wait(wait_s)
        while not done:
            session.sparkContext.cancelAllJobs()
            done = came.wait(1.0)  # it may not have been a job yet

    watch = threading.Thread(target=give_up, daemon=True)
    watch.start()
    try:
        session.range(1).count()
    except (PySparkException, Py4JError) as fault:
        if "cancelled" not in str(fault):
            detail = f"expected a first job to run at {master}, Spark says: {first_line(fault)}"
            raise BackendError(Problem("analytics-spark-start", detail)) from fault
        detail = (
            f"expected a worker with a free core and memory at {master}, found none within {wait_s:g} s: other"
            " applications hold all of them, no worker is registered, or executors cannot connect back to this machine"
        )
        raise BackendError(Problem("analytics-spark-no-core", detail)) from fault
    finally:
        came.set()
        watch.join()

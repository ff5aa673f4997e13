"""The private cluster: who may enter, what it survives."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from app.config import REPOSITORY, Settings
from app.operations.bootstrap import EXTENSIONS, bootstrap, connect, database_urls, running, with_database
from app.operations.cluster import Cluster, ClusterError, private_cluster, server_account, temporary_cluster
from app.operations.processes import Account, is_alive
from tests.operations.conftest import Checkout

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can act as another user")


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    with temporary_cluster() as made:
        bootstrap(made.admin_url)
        yield made


def test_the_socket_is_closed_to_others(cluster: Cluster) -> None:
    found = cluster.sockets.stat()
    assert stat.S_IMODE(found.st_mode) == 0o700
    assert found.st_uid == cluster.account.uid


def test_nothing_listens_on_the_network(cluster: Cluster) -> None:
    with connect(cluster.admin_url) as server:
        assert server.execute("SHOW listen_addresses").fetchone() == ("",)
        rules = server.execute("SELECT type, auth_method FROM pg_hba_file_rules").fetchall()
    assert rules == [("local", "peer")]


@needs_root
def test_another_user_is_refused_even_inside_the_folder(cluster: Cluster) -> None:
    stranger = Account.named("daemon")
    assert stranger is not None
    cluster.sockets.chmod(0o777)
    socket = cluster.sockets / ".s.PGSQL.5432"
    socket.chmod(0o777)
    try:
        url = cluster.app_url.replace("+psycopg", "")
        child = os.fork()
        if child == 0:
            os.setgid(stranger.gid)
            os.setuid(stranger.uid)
            try:
                psycopg.connect(url)
            except psycopg.OperationalError as error:
                os._exit(0 if "Peer authentication failed" in str(error) else 2)
            os._exit(1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    finally:
        socket.chmod(0o700)
        cluster.sockets.chmod(0o700)


def test_bootstrap_can_be_repeated(cluster: Cluster) -> None:
    bootstrap(cluster.admin_url)
    with connect(cluster.app_url) as database:
        names = {row[0] for row in database.execute("SELECT extname FROM pg_extension").fetchall()}
    assert set(EXTENSIONS) <= names


def test_the_serving_role_owns_nothing_and_makes_nothing(cluster: Cluster) -> None:
    with connect(cluster.app_url) as database, pytest.raises(psycopg.errors.InsufficientPrivilege):
        database.execute("CREATE TABLE mine (a int)")
    with connect(cluster.app_url) as database:
        owned = "SELECT count(*) FROM pg_class WHERE relowner = 'ruang_app'::regrole"
        assert database.execute(owned).fetchone() == (0,)


def test_the_owner_makes_tables_but_is_no_superuser(cluster: Cluster) -> None:
    with connect(cluster.owner_url) as database:
        database.execute("CREATE TABLE made_by_owner (a int)")
        database.rollback()
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            database.execute("CREATE ROLE another")


def test_other_roles_do_not_enter_the_database(cluster: Cluster) -> None:
    with connect(with_database(cluster.admin_url, "ruang")) as database:
        statement = "SELECT has_database_privilege('pg_monitor', 'ruang', 'CONNECT')"
        assert database.execute(statement).fetchone() == (False,)


def test_a_cluster_dies_with_the_process_that_made_it() -> None:
    script = (
        "import time\nfrom app.operations.cluster import temporary_cluster\n"
        "with temporary_cluster() as made:\n"
        "    print(made.running_pid(), made.base.parent, flush=True)\n    time.sleep(60)\n"
    )
    maker = subprocess.Popen([sys.executable, "-c", script], cwd=REPOSITORY, stdout=subprocess.PIPE, text=True)
    assert maker.stdout is not None
    pid, folder = maker.stdout.readline().split()
    assert is_alive(int(pid))
    maker.kill()
    maker.communicate()
    deadline = 100
    while is_alive(int(pid)) and deadline:
        deadline -= 1
        signal.sigtimedwait([], 0.1)
    assert not is_alive(int(pid))
    with temporary_cluster():
        assert not Path(folder).exists()  # the next one removes what was left behind


def test_lock_files_that_name_a_stranger_do_not_stop_a_start(other_checkout: Checkout) -> None:
    cluster = other_checkout.cluster
    with running(cluster):
        left = (cluster.data / "postmaster.pid").read_text()
    # As after a crash and a restart: the number in the file now belongs to a process of the same user.
    stranger = subprocess.Popen(["sleep", "60"], user=cluster.account.uid, group=cluster.account.gid, cwd="/")
    try:
        for name in (cluster.data / "postmaster.pid", cluster.sockets / ".s.PGSQL.5432.lock"):
            name.write_text(left.replace(left.split("\n", 1)[0], str(stranger.pid)))
            os.chown(name, cluster.account.uid, cluster.account.gid)
        with running(cluster), connect(cluster.app_url) as database:
            assert database.execute("SELECT 1").fetchone() == (1,)
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_a_start_that_was_cut_off_leaves_nothing_half_made(other_checkout: Checkout) -> None:
    cluster = other_checkout.cluster
    partial = cluster.base / "data.partial"
    partial.mkdir(parents=True)
    (partial / "PG_VERSION").write_text("15")
    cluster.initialise()
    assert not partial.exists()
    assert (cluster.data / "global").is_dir()


def test_a_folder_of_somebody_else_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "s"
    folder.symlink_to(tmp_path)
    cluster = Cluster(tmp_path / "c", folder, server_account(), durable=False)
    with pytest.raises(ClusterError, match="belongs to somebody else"):
        cluster.start()


def test_a_socket_path_that_is_too_long_is_named(tmp_path: Path) -> None:
    cluster = Cluster(tmp_path / "c", tmp_path / ("x" * 120), server_account(), durable=False)
    with pytest.raises(ClusterError, match="at most 107"):
        cluster.start()


def test_each_checkout_has_its_own_place(tmp_path: Path) -> None:
    one, two = (private_cluster(Settings(var=tmp_path / name)) for name in ("one", "two"))
    assert one.sockets != two.sockets
    assert one.base != two.base
    assert one == private_cluster(Settings(var=tmp_path / "one"))


@needs_root
def test_a_checkout_in_a_closed_home_keeps_its_data_elsewhere() -> None:
    home = Path(tempfile.mkdtemp(prefix="ruang-home-", dir="/tmp"))
    try:
        cluster = private_cluster(Settings(var=home / "checkout" / "var"))
        assert cluster.base.parent == Path("/var/lib")
        with running(cluster), connect(cluster.owner_url) as database:
            assert database.execute("SELECT current_user").fetchone() == ("ruang_owner",)
        assert private_cluster(Settings(var=home / "checkout" / "var")) == cluster
    finally:
        shutil.rmtree(home)
        shutil.rmtree(cluster.base)
        shutil.rmtree(cluster.sockets)


@pytest.mark.parametrize("written", ["postgres://a:b@h/d", "postgresql://a:b@h/d", "postgresql+psycopg://a:b@h/d"])
def test_database_url_may_be_written_in_any_usual_way(written: str) -> None:
    settings = Settings(database_url=written)
    assert database_urls(settings) == ("postgresql+psycopg://a:b@h/d",) * 2
    both = Settings(database_url=written, owner_database_url="postgresql://o@h/d")
    assert database_urls(both) == ("postgresql+psycopg://o@h/d", "postgresql+psycopg://a:b@h/d")

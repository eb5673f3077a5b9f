import shutil
import subprocess
import sys
from importlib.metadata import packages_distributions
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.rules.project import OURS, ROOT, tracked


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> ZipFile:
    """The wheel as built from the project's own files, and from nothing that lies about beside them."""
    copy, built = tmp_path_factory.mktemp("checkout"), tmp_path_factory.mktemp("wheel")
    for path in tracked():
        target = copy / path.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, target)
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(built), str(copy)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return ZipFile(next(Path(built).glob("inforce-*.whl")))


@pytest.mark.parametrize("package", OURS)
def test_a_top_level_package_comes_from_us_alone(package: str) -> None:
    assert set(packages_distributions()[package]) == {"inforce"}


def test_the_wheel_installs_our_packages_and_nothing_else(wheel: ZipFile) -> None:
    tops = {name.split("/")[0] for name in wheel.namelist()}
    assert {top for top in tops if not top.endswith(".dist-info")} == set(OURS)


def test_the_wheel_holds_every_file_of_our_packages(wheel: ZipFile) -> None:
    """Migrations, their SQL and the shipped table are files like any other: none may stay behind."""
    ours = {path.relative_to(ROOT).as_posix() for path in tracked() if path.relative_to(ROOT).parts[0] in OURS}
    assert ours - set(wheel.namelist()) == set()
    assert any(name.startswith("migrations/versions/0") for name in wheel.namelist())
    assert any(name.startswith("migrations/sql/") for name in wheel.namelist())
    assert any(name.startswith("services/ingest/shipped/") for name in wheel.namelist())


def test_the_wheel_gives_the_command(wheel: ZipFile) -> None:
    entry_points = next(name for name in wheel.namelist() if name.endswith("entry_points.txt"))
    assert "inforce = services.cli:main" in wheel.read(entry_points).decode()

import re
import tomllib

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.rules.project import ROOT, tracked

LOCKS = ("requirements.lock", "requirements-dev.lock")
# Put together here so that this file does not name them itself.
REGISTRIES = ["py" + "pi.org", "python" + "hosted.org", "repo.maven." + "apache.org", "registry." + "npmjs.org"]
MACHINE = ["/wo" + "rk/", "/ro" + "ot/", "/ho" + "me/", "/opt/" + "wheels", "/Us" + "ers/"]


def test_no_file_names_a_package_registry_or_a_path_of_somebodys_machine() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {word}"
        for path in tracked()
        for word in [*REGISTRIES, *MACHINE]
        if word.encode() in path.read_bytes()
    ]
    assert found == []


def test_the_readme_opens_with_the_two_commands() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    opening, block = readme.split("```", 2)[:2]
    commands = [line.partition("#")[0].strip() for line in block.splitlines()[1:] if line.strip()]
    assert commands == ["make demo", "make test"]
    assert len(opening.splitlines()) <= 8


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_file_holds_versions_and_hashes_and_nothing_of_where_they_came_from(name: str) -> None:
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    pinned = re.compile(r"[a-z0-9-]+==[0-9][0-9a-z.]*( ; [^\\]+)? \\")
    digest = re.compile(r"    --hash=sha256:[0-9a-f]{64}( \\)?")
    strange = [line for line in lines if not pinned.fullmatch(line) and not digest.fullmatch(line)]
    assert lines
    assert strange == []


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_file_holds_all_that_the_project_asks_for(name: str) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = [*project["dependencies"], *(project["optional-dependencies"]["test"] if "dev" in name else [])]
    pinned = dict(re.findall(r"^([a-z0-9-]+)==([0-9a-z.]+)", (ROOT / name).read_text(encoding="utf-8"), re.MULTILINE))
    for requirement in map(Requirement, asked):
        assert pinned[canonicalize_name(requirement.name)] in requirement.specifier, requirement


def test_both_lock_files_agree() -> None:
    run, everything = (set(_pins(name)) for name in LOCKS)
    assert run <= everything


def _pins(name: str) -> list[str]:
    return re.findall(r"^\S+==\S+", (ROOT / name).read_text(encoding="utf-8"), re.MULTILINE)

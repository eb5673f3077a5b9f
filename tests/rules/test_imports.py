import ast
import subprocess
import sys
from pathlib import Path

import pytest

from tests.rules.project import OURS, ROOT, parsed, sources


def test_every_import_goes_down_the_layers_and_the_core_stays_pure() -> None:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("package", OURS)
def test_a_package_of_ours_is_empty_at_the_top(package: str) -> None:
    assert (ROOT / package / "__init__.py").read_text(encoding="utf-8") == ""


def test_only_the_settings_read_the_environment() -> None:
    readers = {str(path.relative_to(ROOT)) for path in sources(*OURS) if _reads_the_environment(parsed(path))}
    assert readers <= {"services/settings.py"}


def test_reading_the_environment_is_noticed_in_every_spelling() -> None:
    spellings = [
        "import os\nos.environ['A']",
        "import os as o\no.getenv('A')",
        "from os import environ",
        "from os import getenv as g",
        "import os\nos.environb",
    ]
    assert all(_reads_the_environment(ast.parse(text)) for text in spellings)
    assert not _reads_the_environment(ast.parse("import os\nos.fsync(3)"))


def _reads_the_environment(tree: ast.Module) -> bool:
    names = {"environ", "environb", "getenv", "getenvb"}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in names:
            return True
        if isinstance(node, ast.ImportFrom) and node.module == "os" and names & {alias.name for alias in node.names}:
            return True
    return False


def test_no_command_waits_for_what_only_a_server_or_a_publisher_needs() -> None:
    heavy = {"fastapi", "uvicorn", "kafka", "icalendar"}
    told = f"import services.cli, sys; services.cli.app(); print(*sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", told], cwd=ROOT, check=True, capture_output=True, text=True)
    assert done.stdout.split() == []

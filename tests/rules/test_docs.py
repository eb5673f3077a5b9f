import ast
import runpy

from tests.rules.project import OURS, ROOT, parsed, sources


def test_the_page_of_events_is_what_the_catalogue_says() -> None:
    written = runpy.run_path(str(ROOT / "docs" / "write_events.py"))["page"]()
    assert (ROOT / "docs" / "events.md").read_text(encoding="utf-8") == written, "run `make docs`"


def test_the_asyncapi_document_is_what_a_service_with_default_settings_answers() -> None:
    written = runpy.run_path(str(ROOT / "docs" / "write_asyncapi.py"))["page"]()
    assert (ROOT / "docs" / "asyncapi.json").read_text(encoding="utf-8") == written, "run `make docs`"


def test_the_session_in_the_readme_is_what_the_commands_print() -> None:
    session = runpy.run_path(str(ROOT / "docs" / "write_session.py"))
    written = session["BLOCK"].search((ROOT / "README.md").read_text(encoding="utf-8")).group()
    assert session["steady"](written) == session["steady"](session["played"](written)), "run `make docs`"


def test_every_decision_says_its_context_the_decision_the_rule_and_what_was_refused() -> None:
    records = sorted((ROOT / "docs" / "adr").glob("*.md"))
    assert records
    for record in records:
        headings = [line for line in record.read_text(encoding="utf-8").splitlines() if line.startswith("## ")]
        assert headings == ["## Context", "## Decision", "## Rule", "## Refused"], record.name


def test_every_setting_is_on_the_operators_page() -> None:
    from services.settings import Settings

    page = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")
    assert [name for name in Settings.model_fields if f"`INFORCE_{name.upper()}`" not in page] == []


def test_every_setting_does_something() -> None:
    from services.settings import Settings

    trees = [parsed(path) for path in sources(*OURS)]
    read = {node.attr for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    named = {node.value for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Constant)}
    assert [name for name in Settings.model_fields if name not in read and name not in named] == []

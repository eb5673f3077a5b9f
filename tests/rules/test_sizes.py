from pathlib import Path
from statistics import median, quantiles

from tests.rules.project import OURS, ROOT, functions, sources


def test_no_python_file_is_longer_than_400_lines() -> None:
    long = {str(path.relative_to(ROOT)): _lines(path) for path in sources(*OURS, "tests", "bench", "docs")}
    assert {name: lines for name, lines in long.items() if lines > 400} == {}


def test_half_of_our_files_have_at_most_80_lines() -> None:
    written = [lines for path in sources(*OURS) if (lines := _lines(path))]
    assert median(written) <= 80


def test_half_of_our_functions_have_at_most_9_lines_and_nine_of_ten_at_most_30() -> None:
    lengths = [
        function.end_lineno - function.lineno + 1
        for path in sources(*OURS)
        for function in functions(path)
        if function.end_lineno
    ]
    assert median(lengths) <= 9
    assert quantiles(lengths, n=10)[8] <= 30


def test_no_function_of_ours_is_longer_than_60_lines() -> None:
    long = {
        f"{path.relative_to(ROOT)}:{function.lineno} {function.name}"
        for path in sources(*OURS)
        for function in functions(path)
        if function.end_lineno and function.end_lineno - function.lineno >= 60
    }
    assert long == set()


def test_no_module_is_named_after_nothing_in_particular() -> None:
    empty = {"util", "utils", "helper", "helpers", "common", "base", "manager", "kit", "misc"}
    parts = {part for path in sources(*OURS, "tests", "bench") for part in path.relative_to(ROOT).with_suffix("").parts}
    assert parts & empty == set()


def _lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())

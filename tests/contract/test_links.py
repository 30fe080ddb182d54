"""Links of the README and of the help lead to what is there, and from an installed program too."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
README = ROOT / "README.md"
PAGES = [README, *sorted((ROOT / "resources" / "help").rglob("*.md"))]
_LINK = re.compile(r"\]\(([^)\s]+)\)")


def targets(page: Path) -> list[Path]:
    links = [link.partition("#")[0] for link in _LINK.findall(page.read_text(encoding="utf-8")) if "://" not in link]
    return [(page.parent / link).resolve() for link in links if link]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_to_a_file_that_is_shipped(page: Path) -> None:
    for target in targets(page):
        assert target.is_file(), target
        assert target == README or target.is_relative_to(ROOT / "resources"), target


def test_every_page_is_reached_from_the_readme() -> None:
    reached, waiting = set(), [README]
    while waiting:
        page = waiting.pop()
        if page.suffix == ".md" and page not in reached:
            reached.add(page)
            waiting.extend(targets(page))
    assert reached == set(PAGES)

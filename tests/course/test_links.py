"""Links lead somewhere, and every paper that is linked to stands in the bibliography."""

import re

import pytest

from tests.course.notebooks import COURSE, NOTEBOOKS, markdown, name

BIBLIOGRAPHY = (COURSE / "chapters" / "references.bib").read_text(encoding="utf-8")
KEYS = re.findall(r"^@\w+\{([^,]+),", BIBLIOGRAPHY, flags=re.M)
URLS = re.findall(r"^\s*url\s*=\s*\{([^}]+)\}", BIBLIOGRAPHY, flags=re.M)
TEXTS = sorted(COURSE.glob("*.md")) + sorted((COURSE / "chapters").glob("*.md"))
LINK = re.compile(r"\]\(([^)\s]+)\)")


def links(text):
    """Return the targets of the Markdown links."""
    return LINK.findall(text)


@pytest.mark.parametrize("path", [*NOTEBOOKS, *TEXTS], ids=name)
def test_every_relative_link_leads_to_a_file_of_the_course(path):
    text = markdown(path) if path.suffix == ".ipynb" else path.read_text(encoding="utf-8")
    local = [link for link in links(text) if not re.match(r"\w+:|#", link)]
    missing = [link for link in local if not (path.parent / link.split("#")[0]).exists()]
    assert not missing


@pytest.mark.parametrize("path", NOTEBOOKS, ids=name)
def test_every_paper_that_is_linked_to_is_in_the_bibliography(path):
    outside = [link for link in links(markdown(path)) if link.startswith("http")]
    assert not [link for link in outside if link not in URLS]


def test_every_entry_of_the_bibliography_is_complete_has_its_own_key_and_is_used():
    assert len(set(KEYS)) == len(KEYS) == len(URLS)
    for entry in re.split(r"^@", BIBLIOGRAPHY, flags=re.M)[1:]:
        fields = set(re.findall(r"^\s*(\w+)\s*=", entry, flags=re.M))
        assert {"author", "title", "year", "url"} <= fields, entry.splitlines()[0]
    used = "\n".join(markdown(path) for path in NOTEBOOKS)
    assert not [url for url in URLS if f"]({url})" not in used]

import re
from pathlib import Path
from unittest import TestCase

ROOT = Path(__file__).resolve().parent.parent
#: a path of the repository, as documents write it
PATH = re.compile(r"`((?:tests|tools|models|views|docs|dev|static|demo|benchmarks)/[\w/.-]+)`")


class TestDocs(TestCase):
    """What documents point to is there."""

    def test_paths(self):
        found = 0
        for document in (ROOT / "README.md", *(ROOT / "docs").glob("*.md")):
            for path in PATH.findall(document.read_text()):
                if path.startswith(("dev/", "benchmarks/")):
                    continue  # of the developer, not shipped
                found += 1
                with self.subTest(document=document.name, path=path):
                    self.assertTrue((ROOT / path).exists())
        self.assertGreater(found, 40)

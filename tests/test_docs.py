import re
from pathlib import Path
from unittest import TestCase

ROOT = Path(__file__).resolve().parent.parent
#: a file of the repository, as documents write it: its path, its path below models/, or its name
FILE = re.compile(r"`([\w/.-]+\.(?:py|md|xml))`")
#: of the developer, not shipped
NOT_SHIPPED = ("dev/", "benchmarks/")


class TestDocs(TestCase):
    """What documents point to is there."""

    def test_files(self):
        names = {path.name for path in ROOT.rglob("*.*")}
        found = 0
        for document in (ROOT / "README.md", *(ROOT / "docs").rglob("*.md")):
            for path in FILE.findall(document.read_text()):
                if path.startswith(NOT_SHIPPED):
                    continue
                found += 1
                with self.subTest(document=document.name, path=path):
                    if "/" in path:
                        self.assertTrue((ROOT / path).exists() or (ROOT / "models" / path).exists())
                    else:
                        self.assertIn(path, names)
        self.assertGreater(found, 60)

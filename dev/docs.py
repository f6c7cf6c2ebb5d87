"""Run by dev/lint: files, links and images of the documents exist, and the guide names what is on the screens."""

import re
from pathlib import Path
from unittest import TestCase, main
from xml.etree import ElementTree

import polib

ROOT = Path(__file__).resolve().parent.parent
#: a file of the repository, as documents write it: its path, its path below models/, or its name
FILE = re.compile(r"`([\w/.-]+\.(?:py|md|xml))`")
#: of the developer, not shipped
NOT_SHIPPED = ("dev/", "benchmarks/")
#: of Odoo
CORE = {"odoo-mailgate.py"}
#: a link of a document to a file, and perhaps to a heading of it
LINK = re.compile(r"\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)")
#: what the guide says is on the screen; what ends with a mark begins a sentence
NAME = re.compile(r"\*\*(.+?)\*\*", re.S)
#: a way through menus, in bold or italics
WAY = re.compile(r"\*([^\s*][^*]*›[^*]*[^*.,:])\*")
#: names of Odoo's own screens, in Spanish
ODOO = {
    "Acciones", "Acciones planificadas", "Actualizar lista de aplicaciones", "Ajustes", "Aplicaciones",
    "Correos electrónicos", "Desinstalar", "Imprimir", "Instalar", "Mis preferencias", "Permisos de acceso",
    "Reglas de automatización", "Secuencias",
    "Servidores de correo entrante", "Sitio web", "Técnico", "Usuarios", "Usuarios y empresas",
}
#: each image, and all of them, in bytes
IMAGE, IMAGES = 120_000, 1_500_000


def _plain(text):
    return " ".join(re.sub(r"<[^>]+>", " ", text).split())


def _anchor(heading):
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def _read_menus():
    """The ways to our menus below the application, in English and in Spanish."""
    spanish = {entry.msgid: entry.msgstr for entry in polib.pofile(str(ROOT / "i18n" / "es.po"))}
    nodes = [node for path in ROOT.rglob("*.xml") for node in ElementTree.parse(path).iter()]
    names = {node.get("id"): node.findtext("field[@name='name']") for node in nodes if node.tag == "record"}
    menus = {
        menu.get("id"): (menu.get("name") or names[menu.get("action")], menu.get("parent") or parent.get("id"))
        for parent in nodes
        for menu in parent.findall("menuitem")
    }

    def get_way(name, parent):
        return (*get_way(*menus[parent]), name) if parent else ()

    ways = {get_way(*menu) for menu in menus.values()}
    return ways | {tuple(map(spanish.get, way)) for way in ways}


class TestDocs(TestCase):
    def _get_documents(self):
        return [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]

    def test_files(self):
        names = {path.name for path in ROOT.rglob("*.*")}
        found = 0
        for document in self._get_documents():
            for path in FILE.findall(document.read_text()):
                if path.startswith(NOT_SHIPPED) or path in CORE:
                    continue
                found += 1
                with self.subTest(document=document.name, path=path):
                    if "/" in path:
                        self.assertTrue((ROOT / path).exists() or (ROOT / "models" / path).exists())
                    else:
                        self.assertTrue(path in names, "there is no such file")
        self.assertGreater(found, 60)

    def test_links(self):
        found = 0
        for document in self._get_documents():
            for path, anchor in LINK.findall(document.read_text()):
                target = document.parent / path if path else document
                found += 1
                with self.subTest(document=document.name, path=path, anchor=anchor):
                    self.assertTrue(target.exists())
                    if anchor:
                        headings = re.findall(r"^#+ (.+)$", target.read_text(), re.M)
                        self.assertIn(anchor, map(_anchor, headings))
        self.assertGreater(found, 40)

    def test_menus(self):
        menus, text = _read_menus(), "\n".join(document.read_text() for document in self._get_documents())
        ways = {tuple(map(_plain, way.split("›"))) for way in WAY.findall(text)}
        self.assertEqual({way for way in ways if way[:1] in menus} - menus, set())
        self.assertGreater(len(ways & menus), 30)


class TestGuide(TestCase):
    def setUp(self):
        super().setUp()
        self.guides = sorted((ROOT / "docs" / "guia").glob("*.md"))

    def test_names(self):
        terms = {_plain(entry.msgstr) for entry in polib.pofile(str(ROOT / "i18n" / "es.po"))} | ODOO
        names = {
            (guide.name, _plain(name))
            for guide in self.guides
            for path in NAME.findall(guide.read_text())
            if path[-1] not in ".,:"
            for name in path.split("›")
        }
        self.assertEqual({(guide, name) for guide, name in names if name not in terms}, set())
        self.assertGreater(len(names), 300)

    def test_images(self):
        folder = ROOT / "docs" / "guia" / "img"
        images = {path.name: path.stat().st_size for path in folder.iterdir()}
        shown = {name for guide in self.guides for name in re.findall(r"\]\(img/([^)]+)\)", guide.read_text())}
        self.assertEqual(shown, set(images))
        self.assertFalse({name: size for name, size in images.items() if size > IMAGE})
        self.assertLess(sum(images.values()), IMAGES)


if __name__ == "__main__":
    main()

"""The text of an answer to one person, as the beginning of an answer to another.

What may tell of the other person is replaced by a mark «[…: what was there]», which somebody must fill in before the
answer is submitted: rather a mark too many than somebody else's name in a letter.
"""

import re
from html import unescape

MARK = "«[…: {}]»"

_ACCENTED = ("aáàâäã", "eéèêë", "iíìîï", "oóòôöõ", "uúùûü", "nñ")
_VARIANTS = {variant: f"[{letters}]" for letters in _ACCENTED for variant in letters}

#: parts of names that are nobody's
_PARTICLE = re.compile("con|del|las|los|para|por|sas|ltda|cia")

#: parts of names that are words as well: of a person only when they are written as a name, of a place never
_COMMON = re.compile(
    "san|santa|conjunto|edificio|centro|comercial|residencial|propiedad|horizontal|empresa|seguridad|torre"
)

#: words of laws and authorities, and such that begin a sentence: nobody's name
_PUBLIC = re.compile(
    "superintendencia|vigilancia|seguridad|privada|industria|comercio|constitución|política|código|defensoría|pueblo"
    "|policía|nacional|fiscalía|general|nación|ministerio|trabajo|estatuto|consumidor|derecho|petición|colombia"
    "|república|personería|ley|decreto|sistema|servicio|cliente|cordial|saludo|el|la|los|las|se|le|según|en|para|por"
    "|con|como|puede|usted|este|esta|su|nuestro|nuestra|ante"
)

_MONTH = "(?:enero|febrero|marzo|abril|mayo|junio|julio|agosto|sep?tiembre|octubre|noviembre|diciembre)"
_NUMERAL = (
    "(?:un[oa]?|dos|tres|cuatro|cinco|seis|siete|ocho|nueve|diez|once|doce|trece|catorce|quince|dieci[a-zé]+"
    "|veint[a-zéó]+|treinta|[a-z]+enta|cien(?:to)?|[a-z]+ient[oa]s|mil|mill[óo]n(?:es)?|primero|y)"
)
#: as many as people write: the time that a pattern takes grows with what it may repeat
_NUMERALS = rf"\b{_NUMERAL}(?:\s+{_NUMERAL}){{0,8}}"
_LAW = r"(?:ley(?:es)?|decretos?|art[íi]culos?|arts?\.|numeral(?:es)?|par[áa]grafos?|iso|ntc)\s+\d"
_CAPITAL = "(?-i:[A-ZÁÉÍÓÚÜÑ])"
_PROPER = rf"(?!{_LAW}){_CAPITAL}\w{{0,60}}"
_TITLE = r"(?:señor(?:es|as?)?|sra?\.?|doña|don|doctora?|dra?\.?|ingenier[oa]|guarda|vigilante|supervisora?)"
_STREET = (
    "(?:calle|cll|cl|carrera|cra|cr|kra|kr|avenida|av|diagonal|dg|transversal|tv|autopista|manzana|mz|kil[óo]metro|km)"
)
_UNIT = "(?:#|n[o°º]\\b|bis|sur|norte|este|oeste|apto|apartamento|torre|interior|local|oficina|bloque|casa)"
_CODE = r"(?:[^\W\d_]{1,20}-){0,4}[^\W_]{0,40}\d\w*(?:[-/.,:°º_]+\w+)*"

_CONTACT = r"[^\s@<>«»]{1,64}@[^\s@<>«»]*\w|(?:https?://|www\.)[^\s<>«»]*\w"

#: in the order in which they are tried
_PATTERNS = {
    "law": (
        rf"\b{_LAW}[\d.]*\b(?:(?:,|\s+y)\s+\d+\b)*(?:\s+del?\s+(?:\d{{1,2}}\s+de\s+{_MONTH}\s+del?\s+)?\d{{4}}\b)?"
    ),
    "address": rf"\b{_STREET}\b\.?\s*(?:{_UNIT}\.?\s*)?\d\w*(?:[\s,.–-]{{0,3}}(?:{_UNIT}|\d\w*|[a-z]\b)){{0,12}}",
    "date": (
        rf"(?:(?:\d{{1,2}}|{_NUMERALS}(?:\s*\(\d+\))?)\s+de\s+)?\b{_MONTH}\b(?:\s+del?\s+(?:\d{{4}}\b|{_NUMERALS}))?"
        r"|\b\d{1,4}[/.-]\d{1,2}[/.-]\d{1,4}\b"
    ),
    "amount": (
        rf"(?:\$|\bcop\b|\busd\b)\s*\d[\d.,']*(?:\s+(?:{_NUMERAL}|de|pesos)\b){{0,8}}"
        rf"|(?:\b\d[\d.,']{{0,20}}(?:\s+{_NUMERAL}){{0,3}}|{_NUMERALS})\s+(?:de\s+)?pesos\b"
    ),
    "number": rf"{_NUMERALS}\s*\(\d+\)|\+?\(?\d[\d ().-]{{5,20}}\d(?!\w)|{_CODE}",
    "person": rf"\b{_TITLE}\s+{_PROPER}(?:\s+{_PROPER})*",
    "proper": rf"{_PROPER}(?:\s+(?:(?:de|del|la|las|los|y)\s+){{0,2}}{_PROPER}){{1,8}}",
}


def mark_other(text, labels, names=(), places=(), keep=()):
    """Replace what may tell of the other person.

    :param str text: plain.
    :param dict labels: ``{kind: word}`` of what a mark stands for: name contact address date amount number.
    :param names: of the other person and their company; each word of them is marked, too.
    :param places: where they are; each word of them when it is written as a name.
    :param keep: texts that stay: names and addresses of the company that answers.
    """
    parts, of_places = _split_names(names), _split_names(places)
    common = {part for part in parts if _COMMON.fullmatch(part)}
    blank, own = r"«\s?\[[^«»]{0,200}\]\s?»", _alternate(keep)
    # addresses of mail first: parts of them look like something else
    first = {"blank": blank, "keep": own, "contact": _CONTACT}
    then = {
        "blank": blank,
        "keep": own,
        "law": _PATTERNS["law"],
        "name": _alternate([*names, *places]),
        **_PATTERNS,
        "part": _alternate(parts - common),
        "capital": _alternate(common | {part for part in of_places if not _COMMON.fullmatch(part)}, _CAPITAL),
    }
    marks = {kind: MARK.format(label) for kind, label in labels.items()}

    def replace(match):
        kind, found = match.lastgroup, match[0]
        if kind in ("blank", "keep", "law"):
            return found
        if kind == "proper" and all(_PUBLIC.fullmatch(word.lower()) for word in re.findall(_PROPER, found)):
            return found
        return marks.get(kind, marks["name"])

    marked = text
    for patterns in (first, then):
        pattern = "|".join(f"(?P<{kind}>{body})" for kind, body in patterns.items() if body)
        marked = re.sub(pattern, replace, marked, flags=re.IGNORECASE | re.DOTALL)
    name = re.escape(marks["name"])
    return re.sub(rf"{name}(?:\s+(?:(?:de|del|la|y)\s+)?{name})+", marks["name"], marked)


def _split_names(names):
    words = {word.lower() for name in names for word in re.findall(r"[^\W\d_]{3,}", name)}
    return {word for word in words if not _PARTICLE.fullmatch(word)}


def split_lines(html):
    """The text of an answer by paragraphs, without pictures, links and styles, which may tell of the person, too."""
    text = re.sub(r"<(?:br|/p|/div|/li|/tr|/h\d)\b[^>]*>", "\n", " ".join(html.split()), flags=re.IGNORECASE)
    lines = unescape(re.sub(r"<[^<>]*>", "", text)).split("\n")
    return [" ".join(line.split()) for line in lines if line.strip()]


def _alternate(texts, ahead=""):
    """A pattern of any of the texts, with accents or without; the longest first."""
    longest_first = sorted({" ".join(text.split()) for text in texts if text and text.strip()}, key=len, reverse=True)
    bodies = [
        r"\s+".join("".join(_VARIANTS.get(char.lower(), re.escape(char)) for char in word) for word in text.split())
        for text in longest_first
    ]
    return rf"(?<!\w)(?={ahead or '.'})(?:{'|'.join(bodies)})(?!\w)" if bodies else ""

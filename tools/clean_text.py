"""Text that strangers write, made fit to store and to show: nothing unseen, nothing that turns what is seen."""

import re
import unicodedata

#: marks that turn the direction of what follows: names of files and of people are disguised with them
_BIDI = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
#: breaks of line and paragraph as other systems write them
_BREAKS = re.compile("\r\n?|[\u2028\u2029\x0b\x0c\x85]")
_UNSEEN = re.compile(f"[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufeff\u00ad\u200b\u2060{_BIDI}]")
_BLANKS = re.compile(r"[ \t\u00a0\u2000-\u200a\u202f\u3000]+")
#: categories of signs that show nothing, as joiners and tags
_BLANK = ("Zs", "Cc", "Cf")
_EMPTY_LINES = re.compile(r"\n{3,}")
#: where what a mail program quotes begins, in Spanish and in English
_QUOTE = re.compile(
    r"^(?:(?:El|On)\b[^\n]{1,200}(?:\n[^\n]{0,200})?\b(?:escribió|wrote):[ \t]*$"
    r"|-{2,9} ?(?:Mensaje original|Original Message)\b"
    r"|(?:De|From): [^\n]{1,200}\n(?:Enviado|Fecha|Sent|Date)[^\n]{0,200}: )",
    re.MULTILINE,
)


def line(text: str) -> str:
    """One line: breaks and runs of blanks are a blank."""
    return _BLANKS.sub(" ", paragraphs(text).replace("\n", " ")).strip()


def paragraphs(text: str) -> str:
    """Several lines, of which at most one in a row is empty; without blanks at their ends. Empty if nothing is seen."""
    text = _UNSEEN.sub("", _BREAKS.sub("\n", text))
    text = unicodedata.normalize("NFC", text)
    text = "\n".join(part.rstrip() for part in text.split("\n"))
    is_seen = any(unicodedata.category(sign) not in _BLANK for sign in text)
    return _EMPTY_LINES.sub("\n\n", text).strip() if is_seen else ""


def split_quote(text: str) -> tuple[str, str]:
    """What a reply says, and what it quotes at its end; all of it where it says nothing else."""
    match = _QUOTE.search(text)
    lines = text[: match.start() if match else None].split("\n")
    while lines and (not lines[-1] or lines[-1].startswith(">")):
        lines.pop()
    said = "\n".join(lines)
    return (said, text[len(said) :].strip()) if said else (text, "")


def fold(text: str) -> str:
    """``text`` as two people would call it the same: no accents, no case, single blanks."""
    decomposed = unicodedata.normalize("NFKD", text)
    return " ".join("".join(char for char in decomposed if not unicodedata.combining(char)).casefold().split())


def document_key(text: str) -> str:
    """Letters and digits as capitals without accents: "1.020.333", " 1020333" and "1 020 333" are one number; empty
    for what says that there is none ("N/A").
    """
    text = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).upper())
    key = "".join(filter(str.isalnum, text))
    return key if any(map(str.isdigit, key)) else ""

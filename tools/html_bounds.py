"""How much HTML programs that clean it are given: their time grows with the square of the attributes of a tag, and
nothing interrupts it.

What is counted never falls short of what they find: tags in comments and in texts count too. The work grows with the
length.
"""

import html
import re

#: characters; a document of a word processor with its styles has a tenth
MAX_LENGTH = 2_000_000
#: tags and ends of lines: a second of cleaning; a table of 4 000 rows of five columns has as many
MAX_TAGS = 50_000
#: attributes of one tag, and of all: browsers and word processors write some ten
MAX_ATTRIBUTES = 200
MAX_ALL_ATTRIBUTES = 150_000
#: signs that open what no other closes, times the length: programs go on to the end from each
MAX_OPEN_SIGNS = 100_000_000
#: squares of the lengths of long words: programs look in a style for a name from each sign of a word on, to its end
MAX_WORDS = 60_000_000

_TAG = re.compile(r"<(?=[a-z])[^ \t\n\r\f/>]*+", re.IGNORECASE)
_SPACE = re.compile(r"[ \t\n\r\f/]*+")
_ATTRIBUTE = re.compile(
    r"""[^ \t\n\r\f/>][^ \t\n\r\f/>=]*+(?:[ \t\n\r]*+=[ \t\n\r]*+(?:"[^"]*+"|'[^']*+'|[^ \t\n\r\f>]*+))?"""
)
_CLOSED = re.compile(r"<[^<>]*+>")
_LONG_WORD = re.compile(r"[\w-]{100,}+\s*+|[\w-]++\s{100,}+")


def is_heavy(text: str, times: int = 1) -> bool:
    """Whether HTML is more than should be cleaned so many times."""
    return (
        len(text) > MAX_LENGTH // times
        or _has_many_tags(text, times)
        or _has_many_attributes(text, times)
        or _has_long_words(text, times)
    )


def _has_many_tags(text, times):
    signs = text.count("<")
    return signs > MAX_TAGS // times or (signs - len(_CLOSED.findall(text))) * len(text) > MAX_OPEN_SIGNS


def _has_many_attributes(text, times):
    total = position = 0
    while tag := _TAG.search(text, position):
        position, own = tag.end(), 0
        while attribute := _ATTRIBUTE.match(text, position := _SPACE.match(text, position).end()):
            position, own = attribute.end(), own + 1
            if own > MAX_ATTRIBUTES:
                return True
        total += own
        if total > MAX_ALL_ATTRIBUTES // times:
            return True
    return False


def _has_long_words(text, times):
    if "style" not in text.lower():
        return False
    return sum(len(word[0]) ** 2 for word in _LONG_WORD.finditer(html.unescape(text))) > MAX_WORDS // times


def simplify(text: str) -> str:
    """The words of heavy HTML as HTML of one paragraph."""
    return f"<p>{html.escape(_CLOSED.sub(' ', text[:MAX_LENGTH]), quote=False)}</p>"

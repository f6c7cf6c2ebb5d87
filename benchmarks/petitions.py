"""Three thousand petitions of a security company, as varied as those of people: to measure what learns from texts.

What happened is told by ``petitions.txt``: events, each in words of several persons. Around it stands what people
write whatever it is about: who they are, where and when, what they want. Some write one line, some a page; some
without accents, in capitals, on a phone; some of two things at once, and some of nothing in particular. A few are
classified otherwise than the rest, as people do.
"""

import re
from pathlib import Path
from random import Random
from typing import NamedTuple

_CHOICE = re.compile(r"\{([^{}]*)\}")
_SLOT = re.compile(r"<(\w+)>")

SLOTS, TEXTS = {}, {}
VAGUE_REASONS = ("trato", "ausencia", "consignas", "supervision", "informes", "otro")
#: reasons that two people may choose for the same text
NEAR = {
    "trato": "accesos",
    "ausencia": "supervision",
    "consignas": "supervision",
    "supervision": "informes",
    "perdida": "consignas",
    "accesos": "consignas",
    "electronica": "accesos",
    "grabaciones": "informes",
    "informes": "supervision",
    "facturacion": "informes",
    "datos": "grabaciones",
    "reconocimiento": "otro",
    "otro": "informes",
}
PHONE = {
    "que": "q",
    "porque": "xq",
    "por": "x",
    "también": "tb",
    "para": "pa",
    "usted": "ud",
    "ustedes": "uds",
    "buenos": "bnos",
}
PLAIN = str.maketrans("áéíóúüÁÉÍÓÚÜñ", "aeiouuAEIOUUn")
KEYS = {
    "a": "s",
    "e": "r",
    "i": "o",
    "o": "p",
    "n": "m",
    "s": "d",
    "c": "v",
    "b": "v",
    "v": "b",
    "z": "s",
    "r": "t",
    "l": "k",
}


class Petition(NamedTuple):
    """``event`` and ``telling`` number what it was made of; -1 is the event of vague ones.

    ``common``: told in words that most would use.
    """

    subject: str
    description: str
    reason: str
    type: str
    process: str
    severity: str
    event: int
    telling: int
    common: bool


class _Event(NamedTuple):
    reason: str
    type: str
    process: str
    severity: str
    tellings: list

    def is_common(self):
        """Whether it is told by a grammar of words that mean the same, and not in words of one person."""
        return "<" in self.tellings[0][1].replace("<place>", "").replace("<when>", "").replace("<who>", "")


def read_events():
    """:return: ``({reason: share}, [event])``; each telling is ``(number, text)``."""
    shares, events, number, lines = {}, [], 0, None
    for line in Path(__file__).with_suffix(".txt").read_text(encoding="utf-8").splitlines()[3:]:
        if line.startswith("% "):
            lines = TEXTS[line[2:]] = []
        elif line.startswith("# "):
            _mark, reason, share = line.split()
            shares[reason], lines = int(share), None
        elif line.startswith("@"):
            name, _colon, words = line[1:].partition(": ")
            SLOTS[name] = tuple(words.split("|"))
        elif lines is not None:
            lines.append("" if line == "-" else line)
        elif line.startswith("= "):
            events.append(_Event(reason, *line[2:].split(), []))
        else:
            events[-1].tellings.append((number, line))
            number += 1
    return shares, events


def make_petitions(count=3000, seed=25):
    random = Random(seed)
    shares, events = read_events()
    by_reason = {reason: [event for event in events if event.reason == reason] for reason in shares}
    weights = {reason: _weigh(random, found) for reason, found in by_reason.items()}
    tellings = sum(len(event.tellings) for event in events)
    petitions = []
    for _number in range(count):
        (reason,) = random.choices(list(shares), list(shares.values()))
        (event,) = random.choices(by_reason[reason], weights[reason])
        if random.random() < 0.04:
            petitions.append(_make_vague(random, event, tellings))
        else:
            petitions.append(_make_petition(random, events, event))
    return petitions


def _weigh(random, events):
    """Some things happen every week, most seldom; of five petitions three are told as most would."""
    weights = [random.paretovariate(1.5) for _event in events]
    wholes = {
        common: sum(weight for event, weight in zip(events, weights, strict=True) if event.is_common() == common)
        for common in (True, False)
    }
    return [
        weight / wholes[event.is_common()] * (0.6 if event.is_common() else 0.4)
        for event, weight in zip(events, weights, strict=True)
    ]


def _make_vague(random, event, tellings):
    number = random.randrange(len(TEXTS["vague"]))
    parts = [_pick(random, TEXTS["openings"], 0.4), TEXTS["vague"][number], _pick(random, TEXTS["contexts"], 0.5)]
    reason = random.choice(VAGUE_REASONS)
    text = _soil(random, _fill(random, " ".join(filter(None, parts))))
    return Petition(
        _fill(random, random.choice(TEXTS["subjects"])),
        text,
        reason,
        "queja",
        "ope",
        event.severity,
        -1,
        tellings + number,
        False,
    )


def _make_petition(random, events, event):
    number, telling = random.choice(event.tellings)
    telling, kind = _fill(random, telling), event.type
    short = random.random() < 0.2
    parts = (
        []
        if short
        else [
            _pick(random, TEXTS["openings"], 0.6),
            *random.sample(TEXTS["contexts"], random.choice((0, 0, 1, 1, 2, 3))),
        ]
    )
    parts.insert(random.randint(min(1, len(parts)), len(parts)), _end(telling))
    if not short and random.random() < 0.12:
        other = random.choice(events)
        parts.append(
            random.choice(("Además, ", "Aprovecho para decir que ", "Otra cosa: "))
            + _end(random.choice(other.tellings)[1])
        )
    if kind in ("queja", "reclamo") and random.random() < 0.12:
        kind = {"queja": "reclamo", "reclamo": "queja"}[kind]
    parts.append(_pick(random, TEXTS.get(f"remedies_{kind}", TEXTS["remedies_peticion"]), 0.4 if short else 0.8))
    if kind in ("queja", "reclamo", "peticion", "informacion") and random.random() < 0.08:
        kind = "derecho_peticion"
        parts.insert(random.choice((0, len(parts))), random.choice(TEXTS["right"]))
    reason = NEAR[event.reason] if random.random() < 0.05 else event.reason
    severities = ("low", "medium", "high", "critical")
    severity = event.severity
    if random.random() < 0.2:
        severity = severities[min(3, max(0, severities.index(severity) + random.choice((-1, 1))))]
    subject = _fill(random, random.choice(TEXTS["subjects"])) if random.random() < 0.4 else _shorten(random, telling)
    text = _fill(random, " ".join(filter(None, parts)))
    return Petition(
        _soil(random, subject),
        _soil(random, text),
        reason,
        kind,
        event.process,
        severity,
        events.index(event),
        number,
        event.is_common(),
    )


def _pick(random, texts, chance):
    return random.choice(texts) if random.random() < chance else ""


def _fill(random, text):
    while _CHOICE.search(text):
        text = _CHOICE.sub(lambda match: random.choice(match[1].split("|")), text)
    return _SLOT.sub(lambda match: _choose(random, SLOTS[match[1]]), text)


def _choose(random, words):
    """The first most often, as people do."""
    return random.choices(words, [1 / (place + 2) for place in range(len(words))])[0]


def _end(text):
    return text if text[-1] in ".?!" else f"{text}."


def _shorten(random, text):
    words = re.split(r"[,:;?.(]", text.strip("¿"))[0].split()
    return " ".join(words[: random.randint(3, 9)]).capitalize()


def _soil(random, text):
    """Without accents, on a phone, with slips of the hand, or in capitals."""
    if random.random() < 0.3:
        text = text.translate(PLAIN)
    if random.random() < 0.1:
        text = " ".join(PHONE.get(word.lower(), word) for word in text.split())
    if random.random() < 0.3:
        text = " ".join(_slip(random, word) if random.random() < 0.08 else word for word in text.split())
    return text.upper() if random.random() < 0.05 else text


def _slip(random, word):
    if len(word) < 4:
        return word
    place = random.randrange(1, len(word) - 1)
    change = random.choice(("drop", "swap", "key", "double"))
    if change == "drop":
        return word[:place] + word[place + 1 :]
    if change == "swap":
        return word[:place] + word[place + 1] + word[place] + word[place + 2 :]
    return (
        word[:place] + (KEYS.get(word[place], word[place]) if change == "key" else word[place] * 2) + word[place + 1 :]
    )

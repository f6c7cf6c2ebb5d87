"""Those outside the company in dev/year: who files, by which door, and what they do with what the company writes."""

import re
import sys
from datetime import datetime, time
from itertools import count
from pathlib import Path
from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit

from year_doors import Browser, Refused

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "benchmarks"))
from petitions import make_petitions

#: doors by their share of a hundred; of the desk are the last four
DOORS = {"web": 34, "hera": 26, "email": 20, "phone": 8, "visit": 3, "letter": 5, "whatsapp": 4}
DESK = ("phone", "visit", "letter", "whatsapp")
#: types that the website offers
PUBLIC = ("queja", "reclamo", "peticion", "derecho_peticion", "sugerencia", "felicitacion")
ANONYMOUS = ("queja", "reclamo", "sugerencia", "felicitacion")
#: of a hundred: mails that are advertising, petitions sent again, withdrawn, asked after; letters that come back
SPAM, REPEATED, WITHDRAWN, ASKED_AFTER, BOUNCED = 6, 4, 3, 6, 2
#: of a hundred: answers that are rated, and requirements that are met
RATED, DELIVERED = 55, 75
STARS = (1, 2, 3, 4, 5)
STAR_WEIGHTS = (4, 6, 15, 40, 35)
#: of a hundred surveyed by mail: who answers, and who declines
SURVEY_ANSWERED, SURVEY_DECLINED = 70, 4
PDF = b"%PDF-1.4\n" + b"0" * 3000


class Told(NamedTuple):
    """What somebody tells the company, and what it is really about."""

    subject: str
    description: str
    type: str
    reason: str
    process: str
    severity: str
    site: str = ""
    is_spam: bool = False
    repeats: bool = False


class Filing(NamedTuple):
    number: int
    moment: datetime
    door: str
    told: Told


def clean(subject):
    return " ".join(subject.split())[:150].strip()


class Clients:
    def __init__(self, play, number):
        self.play = play
        self.by_subject, self.doors, self.numbers = {}, {}, {}
        self.contacts, self.hera, self.entered = [], {}, {}
        self.rated, self.surveyed, self.filed = set(), set(), 0
        self.last_of = {}
        self.turns = count(1)
        self.petitions = make_petitions(number, play.seed)

    def learn(self):
        """Who are clients."""
        names = ["name", "email", "parent_id"]
        domain = [("name", "=like", "Persona % Ruiz")]
        self.contacts = self.play.admin.read_list("res.partner", domain, names)

    def find(self, subject):
        """What a case is about, as who reads it understands."""
        found = self.by_subject.get(clean(subject or ""))
        if found:
            return found
        return next((told for known, told in self.by_subject.items() if known and known in subject), DEFAULT)

    # -- Filing -----------------------------------------------------------------------------------------------------

    def plan(self, days):
        """Filings, spread over the days: few on holidays; those of the desk in its hours."""
        weights = [10 if self.play.calendar.is_business(day) else 2 for day in days]
        filings = []
        for number, petition in enumerate(self.petitions):
            chance = self.play.chance("filing", number)
            door = "letter" if petition.type == "autoridad" else chance.choices(*zip(*DOORS.items(), strict=True))[0]
            (day,) = chance.choices(days, weights)
            if door in DESK:
                day, hour = self.play.calendar.add(day, 0), chance.randint(8, 15)
            else:
                hour = chance.randint(6, 21)
            filings.append(Filing(number, datetime.combine(day, time(hour, chance.randint(0, 59))), door, petition))
        filings.sort(key=lambda filing: filing.moment)
        return [filing._replace(told=self._make_told(filing, filing.told)) for filing in filings]

    def _make_told(self, filing, petition):
        chance = self.play.chance("told", filing.number)
        is_spam = filing.door == "email" and chance.random() * 100 < SPAM
        subject = f"Oferta de servicios {filing.number}" if is_spam else clean(f"{petition.subject} ({filing.number})")
        told = Told(
            subject,
            petition.description,
            petition.type,
            petition.reason,
            petition.process if petition.process in PROCESSES else "ope",
            petition.severity,
            f"Puesto {filing.number % 40}",
            is_spam,
            not is_spam and filing.door == "hera" and chance.random() * 100 < REPEATED,
        )
        self.by_subject[told.subject] = told
        return told

    def file(self, filing):
        chance = self.play.chance("file", filing.number)
        door = filing.door
        if door == "hera" and not self.entered:
            door = "web"  # nobody has entered HERA yet
        getattr(self, f"_file_{'desk' if door in DESK else door}")(filing, chance)
        self.filed += 1

    def _get_form(self, filing, chance):
        told = filing.told
        form = {
            "type": told.type if told.type in PUBLIC else "peticion",
            "subject": told.subject,
            "description": told.description,
            "site": told.site,
            "notice": "1",
        }
        if told.severity == "critical":
            form["urgent"] = "1"
        if chance.random() < 0.3:
            form["consent_surveys"] = "1"
        files = {"attachments": ("foto.pdf", PDF)} if chance.random() < 0.15 else None
        return form, files

    def _file_web(self, filing, chance):
        form, files = self._get_form(filing, chance)
        who = f"vecino{filing.number}"
        host = chance.choices(("gente.example.net", "rebota.example.net", "refuses.example.org"), (95, 3, 2))[0]
        form |= {"name": f"Vecino {filing.number} Gómez", "email": f"{who}@{host}", "phone": "3105551234"}
        drawn = chance.random()
        if form["type"] in ANONYMOUS and drawn < 0.08:
            form["anonymous"] = "1"
        elif drawn > 0.88:
            form |= {"email": "", "response_medium": "phone"}
        number, code = Browser(self.play.server).file("/pqrs/new", files=files, **form)
        self.doors[number] = ("web", code)
        self._plan_second_thoughts(number, filing, chance)

    def _file_hera(self, filing, chance):
        form, files = self._get_form(filing, chance)
        if chance.random() < 0.4:
            form["response_medium"] = "portal"
        contact = chance.choice(sorted(self.entered))
        if filing.told.repeats:
            contact = self.last_of.get("contact", contact)
        number, _code = self._at_hera(contact).file("/my/pqrs/new", files=files, **form)
        self.last_of["contact"] = contact
        self.doors[number] = ("hera", contact)
        self._plan_second_thoughts(number, filing, chance)

    def _file_email(self, filing, chance):
        told, is_known = filing.told, chance.random() < 0.6 and not filing.told.is_spam
        contact = chance.choice(self.contacts)
        author = (
            f"{contact['name']} <{contact['email']}>"
            if is_known
            else f"Vecino {filing.number} <correo{filing.number}@gente.example.net>"
        )
        self.play.gateway.write(author, told.subject, told.description)
        self.numbers[told.subject] = author

    def _file_desk(self, filing, chance):
        told, door = filing.told, filing.door
        kinds = self.play.people.types
        values = {
            "type_id": kinds[told.type]["id"],
            "channel": door,
            "subject": told.subject,
            "description": told.description,
            "site": told.site,
            "response_medium": "letter" if door == "letter" else "phone",
        }
        if told.type == "autoridad":
            day = self.play.calendar.add(self.play.today, 8)
            values |= {"partner_name": "Fiscalía 12", "authority_deadline": f"{day} 20:00:00"}
            values["attachment_ids"] = [(0, 0, {"name": "requerimiento.pdf", "datas": "JVBERi0xLjQK"})]
        elif chance.random() < 0.6:
            values["partner_id"] = chance.choice(self.contacts)["id"]
        else:
            values |= {"partner_name": f"Vecino {filing.number}", "phone": f"310556{filing.number:04d}"}
        self.play.sig.save("sig.pqrs", [], values)

    # -- HERA -------------------------------------------------------------------------------------------------------

    def _at_hera(self, login):
        """The browser of a client, logged in."""
        browser = self.hera.get(login)
        if not browser:
            browser = self.hera[login] = Browser(self.play.server)
            browser.log_in(login, self.entered[login])
        elif "/web/login" in browser.ask("/my/pqrs").url:
            browser.log_in(login, self.entered[login])
        return browser

    def enter_hera(self, letter):
        """Choose a password by the link of the invitation."""
        link, browser, login = find_invitation(letter), Browser(self.play.server), letter.recipient
        page = browser.ask(link)
        password = f"clave-de-{login}"
        query = {name: values[0] for name, values in parse_qs(urlsplit(link).query).items()}
        form = {"login": login, "name": login, "password": password, "confirm_password": password}
        path = urlsplit(page.url).path
        response = browser.send(path, page, **{**query, **form})
        if response.ok and "/my" in response.url:
            self.entered[login], self.hera[login] = password, browser

    # -- Second thoughts --------------------------------------------------------------------------------------------

    def _plan_second_thoughts(self, number, filing, chance):
        if chance.random() * 100 < WITHDRAWN:
            self.play.later(chance.randint(1, 6), 11, self.take_step, number, "withdraw", "Ya se resolvió.")
        elif chance.random() * 100 < ASKED_AFTER:
            self.play.later(chance.randint(3, 9), 16, self.take_step, number, "write", "¿Cómo va mi solicitud?")

    def on_required(self, case_id, number):
        """The company asks for information about a case: most deliver it, some with days of delay."""
        chance = self.play.chance("deliver", case_id, self.play.today)
        if chance.random() * 100 < DELIVERED:
            text = "Fue el martes a las diez de la noche, en la portería principal."
            self.play.later(chance.randint(1, 16), 17, self.deliver, case_id, text)
        if number:
            self.numbers[case_id] = number

    def deliver(self, case_id, text):
        number = self.numbers.get(case_id)
        if number in self.doors:
            self.take_step(number, "deliver", text)
            return
        letters = [letter for letter in self.play.post.letters if letter.about == f"sig.pqrs-{case_id}"]
        if letters:
            self.play.gateway.write(letters[-1].recipient, f"Re: {letters[-1].subject}", text, letters[-1])

    def take_step(self, number, step, text):
        """A step of the client on the page of their case, by its code or in HERA."""
        door, key = self.doors[number]
        with self.play.attempting(f"client: {step}", expected=step in ("withdraw", "deliver")):
            if door == "hera":
                browser = self._at_hera(key)
                listed = browser.ask("/my/pqrs", params={"search": number})
                base = f"/my/pqrs/{find_case(listed.text)}"
                page = browser.ask(base)
            else:
                browser, base = Browser(self.play.server), "/pqrs/track/case"
                form = browser.ask("/pqrs/track")
                page = browser.send("/pqrs/track", form, number=number, code=key)
            browser.send(f"{base}/{step}", page, text=text)

    # -- Letters of the company -------------------------------------------------------------------------------------

    def read_letters(self):
        """What comes to people outside today, and what they will do about it."""
        for letter in self.play.post.take_new():
            if letter.copy:
                self.play.later(0, 18, self.play.gateway.return_copy, letter)
            if letter.recipient.endswith("@example.com"):
                continue
            self._read(letter, self.play.chance("letter", letter.recipient, letter.about, letter.subject))

    def _read(self, letter, chance):
        if letter.recipient.endswith("@rebota.example.net") or (
            letter.about and not find_invitation(letter) and chance.random() * 100 < BOUNCED
        ):
            self.play.later(0, 19, self.play.gateway.bounce, letter)
        elif link := letter.find_link("/pqrs/rate/"):
            if link not in self.rated and chance.random() * 100 < RATED:
                self.rated.add(link)
                self.play.later(chance.randint(0, 6), 20, self.rate, link)
        elif link := letter.find_link("/survey/start/"):
            self._plan_survey(letter, link, chance)
        elif find_invitation(letter):
            self.play.later(1, 12, self._enter, letter)
        elif letter.about.startswith("sig.pqrs") and chance.random() < 0.03:
            text = "Estoy fuera de la oficina hasta el lunes."
            self.play.later(
                0, 18, self.play.gateway.write, letter.recipient, "Respuesta automática: fuera", text, letter
            )

    def _enter(self, letter):
        # the link works for six days, in which nobody may have read letters where days are passed over
        with self.play.attempting("client: invitation to HERA", expected=self.play.options.every > 1):
            self.enter_hera(letter)

    def rate(self, link):
        chance = self.play.chance("rate", next(self.turns))
        stars = chance.choices(STARS, STAR_WEIGHTS)[0]
        path = urlsplit(link).path
        browser = Browser(self.play.server)
        with self.play.attempting("client: rating", expected=True):
            page = browser.ask(path)
            page = browser.send(path, page, rate=str(stars), feedback="Gracias." if stars > 3 else "No resolvieron.")
            if stars <= 2 and chance.random() < 0.6:
                browser.send(f"{path}/review", page, text="No estoy de acuerdo con la respuesta.")

    # -- Surveys ----------------------------------------------------------------------------------------------------

    def _plan_survey(self, letter, link, chance):
        is_reminder = link in self.surveyed
        drawn = chance.random() * 100
        if is_reminder and drawn > SURVEY_ANSWERED / 3:
            return
        self.surveyed.add(link)
        if drawn < SURVEY_ANSWERED:
            self.play.later(chance.randint(0, 12), 20, self.answer_survey, link)
        elif drawn < SURVEY_ANSWERED + SURVEY_DECLINED and letter.find_link("/decline"):
            self.play.later(2, 20, self.decline_survey, letter.find_link("/decline"))

    def answer_survey(self, link):
        with self.play.attempting("client: survey", expected=True):
            fill_survey(Browser(self.play.server), link, self.play.chance("survey", next(self.turns)))

    def decline_survey(self, link):
        browser, path = Browser(self.play.server), urlsplit(link).path
        with self.play.attempting("client: survey declined"):
            browser.send(path, browser.ask(path), reason="No tengo tiempo.")


def find_invitation(letter):
    """The link by which a password is chosen; core's notice of a changed password names the page without a token."""
    pages = ("/web/signup", "/web/reset_password")
    return next((link for link in letter.links if "token=" in link and any(page in link for page in pages)), None)


def find_case(text):
    """The id of the first case in the list of HERA."""
    found = text.partition('href="/my/pqrs/')[2]
    while found and not found[0].isdigit():
        found = found.partition('href="/my/pqrs/')[2]
    if not found:
        raise Refused("the case is not in the list")
    return found.partition('"')[0]


def fill_survey(browser, link, chance):
    """Answer all questions of a survey and send them, as its page does."""
    parts = urlsplit(link)
    survey = parts.path.rpartition("/")[2]
    sheet = parse_qs(parts.query)["answer_token"][0]
    browser.ask(f"{parts.path}?{parts.query}")
    begun = browser.ask(f"/survey/begin/{survey}/{sheet}", json={"params": {}}).json()
    content = begun.get("result", [0, {}])[1].get("survey_content")
    if not content:
        raise Refused(f"the survey does not begin: {str(begun)[:200]}")
    answers = choose_answers(content, chance)
    sent = browser.ask(f"/survey/submit/{survey}/{sheet}", json={"params": answers}).json()
    if "o_survey_finished" not in sent.get("result", [0, {}])[1].get("survey_content", ""):
        raise Refused(f"the survey was not taken: {str(sent)[:200]}")


def choose_answers(content, chance):
    """``{id of a question: value}`` of the questions of a page: mostly good marks, sometimes a comment."""
    choices, texts = {}, []
    for kind, attributes in read_inputs(content):
        name = attributes.get("name", "")
        if kind == "input" and attributes.get("type") == "radio" and name.isdigit() and attributes["value"].isdigit():
            choices.setdefault(name, []).append(attributes["value"])
        elif kind == "textarea" and name.isdigit():
            texts.append(name)
    answers = {}
    for name, values in choices.items():
        place = chance.choices(range(len(values)), [1 + min(each, 4) ** 2 for each in range(len(values))])[0]
        answers[name] = values[place]
    for name in texts:
        if chance.random() < 0.2:
            answers[name] = "El relevo del domingo llegó tarde otra vez."
    return answers


def read_inputs(content):
    """Tags of a page that take an answer, and their attributes."""
    for tag in re.findall(r"<(?:input|textarea) [^>]*>", content):
        yield tag[1:].split(None, 1)[0], dict(re.findall(r'([\w-]+)="([^"]*)"', tag))


PROCESSES = ("ope", "tec", "com", "ghu", "fin")
DEFAULT = Told("", "", "queja", "otro", "ope", "medium")

"""Run by dev/year in a shell of Odoo, once the year is played: every promise of docs/pro-sig-10.md is looked for in the
database, and what waits and should not. It prints a table, and why what is not met is not.

A check gives how many records it looked at, and a line for each that is not as promised. None at all is not met either,
unless so few petitions were played that there may well be none.
"""

import json
import os
import re
from collections import Counter, defaultdict
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

import holidays

from odoo import fields

#: rows of the table that say why
EXAMPLES = 5
#: petitions of which not everything comes up
FEW = 200
#: business days after the end of a month by which it is in QVO
QVO_DAYS = 10
TYPES = ("peticion", "queja", "reclamo", "sugerencia", "derecho_peticion")
#: mails of colleagues end in this, those of everybody else do not
STAFF = "@example.com"
MAILBOX = "servicioalcliente@example.com"
#: acts after which a term is counted otherwise
MOVING = ("requirement", "extension", "reopened", "reclassified", "calendar_change", "transfer")
FAILED_SINCE = (
    "SELECT FROM sig_pqrs_act failed WHERE kind = 'delivery_failed' AND pqrs_id = told.pqrs_id"
    " AND number > told.number"
)
#: pairs of a kind that must not be: what it is, table, columns, and which rows count
UNIQUE = (
    ("numbers of cases", "sig_pqrs", "company_id, name", "TRUE"),
    ("measures", "sig_indicator_measure", "indicator_id, company_id, process_id, date_from", "TRUE"),
    ("open findings", "sig_finding", "company_id, key", "state = 'open'"),
    ("reports of a month", "sig_management_review", "company_id, date_from, date_to", "kind = 'report'"),
    ("files of heads of a day", "sig_act_head_export", "company_id, date", "TRUE"),
    ("acknowledgements", "sig_pqrs_act told", "pqrs_id", f"kind = 'acknowledged' AND NOT EXISTS ({FAILED_SINCE})"),
    ("clients of a wave", "sig_survey_recipient", "wave_id, partner_id", "TRUE"),
    ("answer sheets", "survey_user_input", "sig_recipient_id", "sig_recipient_id IS NOT NULL"),
)


class Check(NamedTuple):
    promise: str
    what: str
    months: int
    look: object


CHECKS, WAITING = [], "Nothing waits that should not"


def promise(text, what, months=1):
    """A check of a promise, as the first column of the document has it.

    :param int months: of the year that must have been played for it.
    """

    def keep(look):
        CHECKS.append(Check(text, what, months, look))
        return look

    return keep


class Year:
    """The database after the year, and what the script that played it wrote down."""

    def __init__(self, env, told):
        self.env, self.told = env, told
        self.company = env.company
        self.today = self.company._sig_today()
        self.cases = env["sig.pqrs"].search([], order="id")
        self.answered = self.cases.filtered(lambda case: case.outcome == "answered")
        self.acts = defaultdict(list)
        for act in env["sig.pqrs.act"].search([], order="pqrs_id, number"):
            self.acts[act.pqrs_id].append(act)
        self.holidays = holidays.country_holidays("CO", years=range(told["year"] - 1, told["year"] + 3))

    def kinds(self, case):
        return [act.kind for act in self.acts[case]]

    def last(self, case, kind):
        return next((act for act in reversed(self.acts[case]) if act.kind == kind), None)

    def add(self, day, count):
        """So many business days after a day, counted here and not by the software."""
        while count:
            day += timedelta(days=1)
            count -= day.weekday() < 5 and day not in self.holidays
        return day

    def local(self, moment):
        return self.company._sig_local_date(moment)

    def played_months(self):
        """First days of the months that were played."""
        return [date(self.told["year"], month, 1) for month in range(1, self.told["months"] + 1)]


# -- 3. Responsibilities -------------------------------------------------------------------------------------------


@promise(
    "La Directora SIG recibe las PQRS de HERA y del botón de la página web",
    "what a page confirmed is filed once; all have number, receipt and deadline",
)
def _(year):
    counts = Counter(year.cases.mapped("name"))
    faults = [
        f"{number}: confirmed, and there {counts[number]} times"
        for number in year.told["numbers"]
        if counts[number] != 1
    ]
    undated = year.cases.filtered(lambda case: not (case.name and case.date_received))
    # the term stood still of what was filed away, or withdrawn while information was required; no petition, no term
    stood = year.cases.filtered(lambda case: (case.term_trace or {}).get("since", True) is None)
    counted = (year.cases - stood).filtered(lambda case: case.outcome not in ("spam", "tacitly_withdrawn"))
    undated |= counted.filtered(lambda case: not (case.date_legal or case.due_by_authority))
    return len(year.cases), [*faults, *(f"{case.name} has no date" for case in undated)]


@promise(
    "Las revisa y asigna al proceso correspondiente",
    "each answered case was assigned by the SIG before it was answered",
)
def _(year):
    return judge(year.answered, lambda case: "assigned" in before(year.kinds(case), "response_sent"), "not assigned")


@promise(
    "Gestiona y aprueba la respuesta y hace el cierre",
    "each answer: parts approved, letter kept, sent, closed, in this order",
)
def _(year):
    def is_in_order(case):
        kinds = year.kinds(case)
        return (
            "approved" in before(kinds, "response_sent")
            and kinds.index("response_sent") < kinds.index("closed")
            and case.letter_id
            and case.delivery_state in ("sent", "handed", "published")
        )

    return judge(year.answered, is_in_order, "not in order")


@promise(
    "Sigue la satisfacción con la respuesta", "each rating is of one to five stars and an act; each low one a finding"
)
def _(year):
    rated = year.cases.filtered(lambda case: case.rating_state == "rated")
    low = year.env["sig.finding"].search([("kind", "=", "low_rating")]).with_context(active_test=False).case_ids

    def is_followed(case):
        is_told = 1 <= case.rating_value <= 5 and "rated" in year.kinds(case)
        return is_told and (case.rating_value > year.company.sig_low_rating or case in low)

    return judge(rated, is_followed, "not followed up")


@promise(
    "Mide el indicador de seguimiento y presenta el informe", "the indicator of each month is in QVO, its report mailed"
)
def _(year):
    measures = year.env["sig.indicator.measure"].search([("kind", "=", "on_time"), ("process_id", "=", False)])
    reports = year.env["sig.management.review"].search([("kind", "=", "report")])
    registered = set(measures.filtered(lambda one: one.state == "registered").mapped("date_from"))
    mailed = set(reports.filtered("date_mailed").mapped("date_from"))
    months = year.played_months()
    return len(months), [f"{month:%Y-%m}" for month in months if month not in registered or month not in mailed]


@promise(
    "Los colaboradores gestionan las respuestas dentro de los tiempos",
    "each draft says rightly whether it was delivered by its date; the SIG and who had something pressing got digests",
)
def _(year):
    parts = year.env["sig.pqrs.assignment"].search([("state", "=", "approved")])

    def is_judged(part):
        in_time = year.local(part.date_submitted) <= part.date_due
        return part.deadline_state == ("answered_on_time" if in_time else "answered_late")

    count, faults = judge(parts, is_judged, "is judged otherwise")
    late = parts.filtered(lambda part: part.deadline_state == "answered_late").user_id | year.company.sig_director_id
    return count, [*faults, *(f"{user.login} never got a digest" for user in late if not user.sig_digested_on)]


@promise(
    "Los líderes aprueban antes de enviar para cierre",
    "each part of an answer was approved by another than its drafter: leader, deputy, substitute or the SIG",
)
def _(year):
    parts = year.answered.answer_id.assignment_ids | year.answered.assignment_ids.filtered("is_current")
    parts = parts.filtered(lambda part: part.state != "declined" and part.active)

    def is_approved(part):
        return part.state == "approved" and part.approved_by_id and part.approved_by_id != part.user_id

    return judge(parts, is_approved, "approved by its drafter, or not at all")


@promise("Los líderes establecen controles", "each process has days and a checklist; no draft was approved unread")
def _(year):
    processes = year.env["sig.process"].search([])
    faults = [one.name for one in processes if not one.internal_days or not one.checklist]
    approvals = [act for acts in year.acts.values() for act in acts if act.kind == "approved"]
    return len(approvals), [
        *faults,
        *(f"{act.pqrs_id.name} unread" for act in approvals if (act.data or {}).get("unread")),
    ]


# -- 4. Definitions --------------------------------------------------------------------------------------------------


@promise(
    "Petición, queja, reclamo, sugerencia, derecho de petición",
    "each type is explained on the page, filed and answered",
)
def _(year):
    answered = Counter(case.type_id.code for case in year.answered)
    page = year.told["pages"]["/pqrs"]["text"]
    kinds = year.env["sig.pqrs.type"].with_context(lang="es_CO").search([("code", "in", TYPES)])
    faults = [f"{kind.name} is not explained" for kind in kinds if kind.name not in page]
    if year.told["filed"] >= FEW:
        faults += [f"no {code} was answered" for code in TYPES if not answered[code]]
    return sum(answered[code] for code in TYPES), faults


@promise("HERA: aplicativo para gestión y seguimiento", "clients entered, filed and followed; the app can be installed")
def _(year):
    page = year.told["pages"]["/my/pqrs/manifest.webmanifest"]
    faults = [] if page["status"] == 200 and "icons" in page["text"] else [f"the manifest: {page}"]
    entered = year.env["res.users"].search([("share", "=", True), ("login", "in", year.told["entered"])])
    faults += [] if len(entered) == len(year.told["entered"]) else ["who entered has no user"]
    return len(entered) and len(year.cases.filtered(lambda case: case.channel == "portal")), faults


# -- 5. Policies -----------------------------------------------------------------------------------------------------


@promise(
    "5.1. Término de 15 días hábiles o menos",
    "each deadline, counted again here; each answer late or in time, judged again; who was late is told so",
)
def _(year):
    faults, counted = [], 0
    for case in year.cases.filtered(lambda case: case.date_deadline and case.state != "to_file"):
        if not set(MOVING) & set(year.kinds(case)) and not case.due_by_authority:
            counted += 1
            due = year.add(year.local(case.date_received), min(case.type_id.term_days, 15))
            if case.date_deadline != due:
                faults.append(f"{case.name}: until {case.date_deadline}, and {due} is right")
    for case in year.answered.filtered(lambda case: not case.due_by_authority):
        in_time = year.local(case.date_answered) <= case.date_deadline
        if case.deadline_state != ("answered_on_time" if in_time else "answered_late"):
            faults.append(f"{case.name}: {case.deadline_state}")
    return counted, faults


@promise(
    "5.2. Leyes 1266 de 2008, 2157 de 2021 y 1755 de 2015",
    "identity checked before data are told; extensions before the term ended, and told; what was required, told",
)
def _(year):
    faults, looked = [], 0
    for case in year.cases:
        kinds = year.kinds(case)
        is_told = case.type_id.personal_data and "response_sent" in kinds
        looked += bool(is_told) + kinds.count("extension") + kinds.count("requirement") + kinds.count("transfer")
        if is_told and "identity_checked" not in before(kinds, "response_sent"):
            faults.append(f"{case.name}: data told to somebody unknown")
        for purpose in {"extension", "requirement", "transfer"} & set(kinds):
            told = case.communication_ids.filtered(lambda each, purpose=purpose: each.purpose == purpose)
            if not told.filtered(lambda each: each.state in ("sent", "delivered", "void")):
                faults.append(f"{case.name}: the {purpose} was not told")
    return looked, faults


# -- 6. Development --------------------------------------------------------------------------------------------------


@promise(
    "Canales en la página web y HERA, con seguimiento de la dirección SIG",
    "who can be mailed was told of the receipt, or the end came first; both doors were used",
)
def _(year):
    cases = year.cases.filtered(lambda case: case.channel in ("web", "portal") and case.outcome != "spam")

    def is_acknowledged(case):
        told = case.communication_ids.filtered(lambda each: each.purpose == "acknowledgement")
        return not told or told.filtered(lambda each: each.state in ("sent", "void", "failed", "returned", "delivered"))

    count, faults = judge(cases, is_acknowledged, "was not acknowledged")
    channels = set(cases.mapped("channel"))
    doors = ("web", "portal") if year.told["filed"] >= FEW else ()
    return count, [*faults, *(f"nothing came by {door}" for door in doors if door not in channels)]


@promise(
    "servicioalcliente@… es recibida por el SIG",
    "each mail was read; that of petitions is a case, received when it arrived; none of a stranger was filed by itself",
)
def _(year):
    mails = year.env["sig.pqrs.mail"].search([("direction", "=", "in")])
    faults = [f"mail {mail.id}: {mail.state}" for mail in mails if mail.state in ("waiting", "failed")]
    filed = mails.filtered(lambda mail: mail.state == "filed")
    for mail in filed:
        if not mail.pqrs_id or abs(mail.pqrs_id.date_received - mail.date) > timedelta(seconds=2):
            faults.append(f"mail {mail.id}: its case has another date of receipt")
    return len(mails), faults


@promise(
    "Más allá del procedimiento: lo que la empresa ya sabe, al radicar, clasificar y redactar",
    "the words of each case are kept, by which similar ones are found; some were offered",
)
def _(year):
    year.env.cr.execute("SELECT case_id FROM sig_pqrs_words")
    known = {id_ for (id_,) in year.env.cr.fetchall()}
    faults = [] if year.told["similar"] or year.told["filed"] < FEW else ["no similar case was offered"]
    return len(known), [*faults, *(case.name for case in year.cases if case.id not in known)]


@promise(
    "Más allá del procedimiento: lo que la empresa ya sabe, para todos",
    "the public reads the confirmed months",
    months=2,
)
def _(year):
    page = year.told["pages"]["/pqrs/cifras.csv"]
    lines = page["text"].splitlines()
    is_empty = len(lines) < 2 and year.told["filed"] >= FEW  # figures of few clients are not published
    return len(lines), [] if page["status"] == 200 and not is_empty else [f"{page['status']}: {lines[:2]}"]


@promise(
    "Más allá del procedimiento: lo que la empresa ya sabe, para todos",
    "a frequent question is answered before it is filed",
)
def _(year):
    page = year.told["pages"]["/pqrs/faq"]
    return year.env["sig.faq"].search_count([]), [] if "NIT" in page["text"] else [f"offered: {page}"]


@promise("Se envía al líder de proceso correspondiente", "who drafts was mailed about each assignment")
def _(year):
    told = defaultdict(set)
    for recipient, _ident, _about, subject in year.told["mails"]:
        told[recipient].update(re.findall(r"PQRS-\d{4}-\d{5}", subject))
    parts = year.env["sig.pqrs.assignment"].with_context(active_test=False).search([])
    assigned = parts.filtered(lambda part: "assigned" in year.kinds(part.pqrs_id))

    def is_told(part):
        people = part.user_id | part.process_id.leader_id | part.process_id.member_ids
        own = part.with_context(active_test=False)
        return any(own.pqrs_id.name in told[user.email] for user in people if user.email) or not part.user_id.active

    return judge(assigned, is_told, "nobody was mailed")


@promise(
    "La respuesta se envía al cliente con copia a servicioalcliente@…",
    "each answer by mail left to its client and to the mailbox",
)
def _(year):
    recipients = defaultdict(set)
    for recipient, ident, _about, _subject in year.told["mails"]:
        recipients[ident].add(recipient)
    sent = year.env["sig.pqrs.communication"].search([("purpose", "=", "response"), ("medium", "=", "email")])
    sent = sent.filtered(lambda each: each.state == "sent")

    def is_copied(each):
        got = recipients[each.mail_id.message_id]
        hidden = each.pqrs_id.restricted or each.pqrs_id.identity_reserved
        return len(got - {MAILBOX}) == 1 and (MAILBOX in got) != hidden

    return judge(sent, is_copied, "was not copied")


@promise("A cada cliente se le asigna un usuario de la APP", "each client who was invited has a user of HERA")
def _(year):
    invited = year.env["res.partner"].search([("id", "in", year.told["invited"])])
    return judge(invited, lambda partner: partner.user_ids.filtered("share"), "has no user")


@promise(
    "Llega a HERA a cargo del SIG, se asigna al proceso o procesos",
    "each case of HERA was assigned or ended; of several processes each has its part in the answer",
)
def _(year):
    cases = year.cases.filtered(lambda case: case.channel == "portal")

    def is_handled(case):
        parts = case.assignment_ids.filtered(lambda part: part.state != "declined")
        if case.outcome != "answered":
            return case.outcome or parts or case.state == "received"
        return parts and all(part.response for part in parts)

    return judge(cases, is_handled, "was not handled")


@promise(
    "Aprobada por el líder, llega nuevamente al SIG para cierre y envío",
    "each answer was sent by the SIG, after the last approval",
)
def _(year):
    group = year.env.ref("sig_pqrs.group_sig_director")
    people = year.env["res.users"].with_context(active_test=False).search([("all_group_ids", "in", group.ids)])
    deliveries = year.answered.delivery_id

    def is_by_sig(each):
        approvals = [act.recorded_at for act in year.acts[each.pqrs_id] if act.kind == "approved"]
        return each.create_uid in people and any(moment <= each.date_recorded for moment in approvals)

    return judge(deliveries, is_by_sig, "was not sent by the SIG")


@promise(
    "El cliente recibe la respuesta y se le solicita la calificación",
    "each client was asked for stars, and gave them once",
)
def _(year):
    known = year.answered.filtered(lambda case: not case.anonymous)

    def is_asked(case):
        rated = year.kinds(case).count("rated")
        return case.rating_state in ("asked", "reminded", "rated") and rated <= 1 + year.kinds(case).count("reopened")

    return judge(known, is_asked, "was not asked")


@promise("Seguimiento a los tiempos y a la satisfacción", "each day had its review, with the heads of the acts kept")
def _(year):
    days = year.env["sig.act.head.export"].search([]).mapped("date")
    # a company without cases has no heads: they are kept from the review after the first one
    first = year.local(min(year.cases.mapped("date_recorded"))) + timedelta(days=1)
    ended = date.fromisoformat(year.told["ended"])
    wanted = [first + timedelta(days=passed) for passed in range((ended - first).days + 1)]
    if year.told["every"] > 1:  # days were passed over
        return len(days), []
    return len(days), [str(day) for day in wanted if day not in days]


@promise(
    "Mensualmente se registra el comportamiento en QVO",
    "all monthly indicators of each month: confirmed, in a book, in QVO in time",
)
def _(year):
    indicators = year.env["sig.indicator"].search([("frequency", "=", "month")])
    measures = year.env["sig.indicator.measure"].search([("process_id", "=", False)])
    found = {(one.indicator_id, one.date_from): one for one in measures}
    books, faults, looked = {book["month"]: book for book in year.told["registered"]}, [], 0
    for month in year.played_months():
        last = year.add((month + timedelta(days=32)).replace(day=1) - timedelta(days=1), QVO_DAYS)
        if not books.get(f"{month:%Y-%m}", {}).get("is_book"):
            faults.append(f"{month:%Y-%m} has no book")
        for indicator in indicators:
            one = found.get((indicator, month))
            looked += bool(one)
            if not one or one.state != "registered" or year.local(one.date_registered) > last:
                faults.append(f"{indicator.code} {month:%Y-%m}: {one and one.state}")
    return looked, faults


@promise(
    "Los resultados se presentan periódicamente a la alta dirección",
    "each semester has its review, closed and intact",
    months=6,
)
def _(year):
    reviews = year.env["sig.management.review"].search([("kind", "=", "review")])
    count, faults = judge(reviews, lambda review: review.state == "closed" and review.pdf_id, "is not closed")
    wanted = 2 if year.told["months"] == 12 else 1
    return count, faults if count == wanted else [*faults, f"{count} reviews of {wanted}"]


def get_waves(year):
    wanted = [semester for semester, month in (("1", 6), ("2", 12)) if month <= year.told["months"]]
    waves = year.env["sig.survey.wave"].search([("year", "=", year.told["year"])])
    return waves, [f"semester {semester} has none" for semester in wanted if semester not in waves.mapped("semester")]


@promise("Encuesta semestral en junio y diciembre", "each wave began in its month and its results were sent", months=6)
def _(year):
    waves, faults = get_waves(year)
    is_held = lambda wave: wave.state == "reported" and wave.date_start.month in (6, 12)  # noqa: E731
    count, others = judge(waves, is_held, "was not held")
    return count, [*faults, *others]


@promise(
    "Por correo, en visita o por teléfono",
    "each wave was answered by mail, visit and phone; a paper has its scan",
    months=6,
)
def _(year):
    waves, faults = get_waves(year)
    answered = waves.recipient_ids.filtered(lambda one: one.state == "answered")
    for wave in waves:
        channels = set(answered.filtered(lambda one, wave=wave: one.wave_id == wave).mapped("channel"))
        faults += [f"{wave.name}: nobody by {name}" for name in ("email", "visit", "phone") if name not in channels]
    if year.told["filed"] >= FEW and not answered.filtered("scan_name"):
        faults.append("no paper was transcribed")
    waiting = waves.recipient_ids.filtered("queued")
    return len(answered), [*faults, *(f"{one.partner_id.name} is still in the queue" for one in waiting)]


@promise(
    "Percepción, cumplimiento de expectativas y otros parámetros",
    "each dimension has answers; satisfaction and NPS are told",
    months=6,
)
def _(year):
    waves, faults = get_waves(year)
    lines = year.env["survey.user_input.line"].search([("user_input_id.sig_recipient_id.wave_id", "in", waves.ids)])
    for wave in waves:
        dimensions = wave.survey_id.question_ids.sig_dimension_id
        answered = lines.filtered(lambda line, wave=wave: line.survey_id == wave.survey_id).question_id.sig_dimension_id
        faults += [f"{wave.name}: {one.name}" for one in dimensions - answered]
        faults += [] if wave.has_results and wave.has_nps else [f"{wave.name} tells no result"]
    return len(lines), faults


@promise("Tabular y graficar", "each wave has its PDF and its book", months=6)
def _(year):
    waves, faults = get_waves(year)
    kinds = defaultdict(set)
    for file in year.env["ir.attachment"].search([("res_model", "=", "sig.survey.wave"), ("res_id", "in", waves.ids)]):
        kinds[file.res_id].add(Path(file.name).suffix)
    for wave in waves:
        faults += [f"{wave.name}: no {kind}" for kind in (".pdf", ".xlsx") if kind not in kinds[wave.id]]
    return sum(map(len, kinds.values())), faults


@promise(
    "Análisis de resultados e informe", "leaders analysed dimensions and the SIG the whole, of each wave", months=6
)
def _(year):
    waves, faults = get_waves(year)
    for wave in waves:
        faults += [] if wave.analysis_ids.filtered("dimension_id") else [f"{wave.name}: no leader wrote"]
        faults += (
            [] if wave.analysis_ids.filtered(lambda one: not one.dimension_id) else [f"{wave.name}: no conclusion"]
        )
    return len(waves.analysis_ids), faults


@promise(
    "Se envían por correo a los dueños de procesos",
    "each owner of a process got the results of each wave by mail",
    months=6,
)
def _(year):
    waves, faults = get_waves(year)
    deliveries = waves.delivery_ids
    count, others = judge(deliveries, lambda one: one.state == "sent", "did not leave")
    return count, [*faults, *others, *(wave.name for wave in waves if len(wave.delivery_ids) < 5)]


@promise(
    "Incumplimiento, tendencias o repetitividad: acciones correctivas o preventivas",
    "each missed target is a finding; all are decided with plan or reason; plans are verified by others",
)
def _(year):
    findings = year.env["sig.finding"].search([])
    measures = year.env["sig.indicator.measure"].search([("status", "=", "missed"), ("is_breakdown", "=", False)])
    lost = measures - findings.filtered(lambda one: one.kind == "missed").measure_ids
    faults = [f"{one.display_name} raised nothing" for one in lost]
    limit = fields.Datetime.now() - timedelta(days=14)
    for one in findings:
        if one.state == "open" and one.create_date < limit:
            faults.append(f"{one.name} was never decided")
        elif (one.state == "planned" and not one.plan_id) or (one.state == "dismissed" and not one.dismiss_reason):
            faults.append(f"{one.name} was decided without a reason")
    plans = year.env["sig.action.plan"].search([("verified_by_id", "!=", False)])
    faults += [plan.code for plan in plans if plan.verified_by_id in plan.user_id | plan.line_ids.user_id]
    return len(findings), faults


# -- 7. Documents ----------------------------------------------------------------------------------------------------


def look_at_documents(year, *usages):
    documents = year.env["sig.document"].search([("usage", "in", usages)])
    missing = [usage for usage in usages if usage not in documents.mapped("usage")]
    return judge(documents, lambda one: one.code and one.version and one.date, "has no code, version or date", missing)


@promise("Encuesta de satisfacción cliente externo", "its format is controlled")
def _(year):
    return look_at_documents(year, "survey", "survey_report")


@promise("Informe de gestión o revisión por la dirección", "both formats are controlled")
def _(year):
    return look_at_documents(year, "management_report", "management_review")


@promise("Procedimiento de acciones correctivas y de mejora", "each plan has a code of its own", months=2)
def _(year):
    plans = year.env["sig.action.plan"].search([])
    codes = Counter(plans.mapped("code"))
    return judge(plans, lambda plan: plan.code and codes[plan.code] == 1, "shares its code")


@promise("Formatos planes de acción", "their format is controlled")
def _(year):
    return look_at_documents(year, "action_plan")


@promise(
    "Encabezado, pie y control de cambios", "each case is of the version of the procedure that was in force", months=9
)
def _(year):
    document = year.env["sig.document"].search([("usage", "=", "procedure")], limit=1)
    issued = document.revision_ids.filtered(lambda one: one.state in ("issued", "replaced")).sorted("date")
    faults = [] if len(issued.filtered("approver_id")) else ["no version was issued in the year"]

    def get_versions(case):
        """Of the day on which one was issued, it and the one before."""
        day = year.local(case.date_received)
        days = (day, day - timedelta(days=1))
        found = [issued.filtered(lambda one, day=day: one.date <= day)[-1:] or issued[:1] for day in days]
        return found[0] | found[1]

    count, others = judge(
        year.cases, lambda case: case.procedure_revision_id in get_versions(case), "is of another version"
    )
    return count, [*faults, *others]


# -- What waits ------------------------------------------------------------------------------------------------------


def nothing(what, months=1):
    return promise(WAITING, what, months)


@nothing("no case is open, no draft begun, no answer on its way")
def _(year):
    is_over = lambda case: case.state in ("closed", "cancelled")  # noqa: E731
    count, faults = judge(year.cases, is_over, "is open")
    drafting = [("state", "in", ("pending", "submitted", "returned")), ("is_current", "=", True)]
    parts = year.env["sig.pqrs.assignment"].search(drafting).filtered(lambda part: not is_over(part.pqrs_id))
    return count, [*faults, *(f"{part.display_name}: {part.state}" for part in parts)]


@nothing("queues of mails, notices, surveys and incoming mail are empty; nobody is owed a notice")
def _(year):
    faults, looked = [], 0
    for what, model, domain in (
        ("mails wait", "mail.mail", [("state", "=", "outgoing")]),
        ("mails are to be read", "sig.pqrs.mail", [("state", "=", "waiting")]),
        ("mails could not be read", "sig.pqrs.mail", [("state", "=", "failed")]),
        ("receipts are pending", "sig.pqrs", [("acknowledgement_pending", "=", True)]),
        ("new dates are pending", "sig.pqrs", [("date_notice_pending", "=", True)]),
        ("notices are on their way", "sig.pqrs.communication", [("state", "=", "queued")]),
        ("messages wait for the SIG", "sig.pqrs.communication", [("state", "=", "received")]),
        ("cases owe a notice", "sig.pqrs", [("to_notify", "!=", False)]),
        ("clients are to be surveyed", "sig.survey.recipient", [("queued", "=", True), ("wave_state", "=", "running")]),
        ("packs are to be made", "sig.evidence.pack", [("state", "=", "waiting")]),
    ):
        looked += year.env[model].search_count([])
        if found := year.env[model].search(domain, limit=100):
            faults.append(f"{len(found)} {what}: {found[:3].mapped('display_name')}")
    return looked, faults


@nothing("no mail about a case failed unnoticed")
def _(year):
    failed = year.env["mail.mail"].search([("state", "=", "exception"), ("model", "=like", "sig.%")])
    known = year.env["sig.pqrs.communication"].search([("mail_id", "in", failed.ids)])
    known = known.filtered(lambda each: each.state in ("failed", "void") or each.failure or each.medium != "email")
    # a client of a survey tells it of itself
    unknown = (failed - known.mail_id).filtered(lambda mail: mail.model != "sig.survey.recipient")
    sent = year.env["mail.mail"].search_count([])
    return sent, [f"{mail.model},{mail.res_id}: {mail.failure_reason}" for mail in unknown]


@nothing("no work and no activity is of somebody who left")
def _(year):
    activities = year.env["mail.activity"].search([("res_model", "=like", "sig.%")])
    faults = [f"{one.res_name}: {one.user_id.login}" for one in activities if not one.user_id.active]
    faults += [f"{user.login} is stranded" for user in year.env["sig.handover"]._get_stranded()]
    gone = year.env["res.users"].with_context(active_test=False).search([("login", "in", year.told["gone"])])
    faults += [f"{user.login} can still enter" for user in gone if user.active]
    for model, domain in (
        ("sig.action.plan", [("state", "in", ("draft", "in_progress", "to_verify"))]),
        ("sig.action.plan.line", [("state", "=", "open"), ("plan_state", "=", "in_progress")]),
        ("sig.management.decision", [("state", "=", "open")]),
    ):
        held = year.env[model].search([*domain, ("user_id", "in", gone.ids)])
        faults += [f"{model}: {one.display_name} is of {one.user_id.login}" for one in held]
    return len(activities) + len(gone), faults


@nothing("no activity of a case that ended waits, but for what its client still may say")
def _(year):
    activities = year.env["mail.activity"].search([("res_model", "=", "sig.pqrs")])
    ended = {case.id: case for case in year.cases if case.state in ("closed", "cancelled")}
    old = fields.Date.today() - timedelta(days=7)
    late = activities.filtered(lambda one: one.res_id in ended and one.date_deadline < old)
    return len(activities) + len(ended), [f"{ended[one.res_id].name}: {one.activity_type_id.name}" for one in late]


@nothing("no job failed, is off or is late; the installation is well")
def _(year):
    faults = [f"{count} × {what}" for what, count in year.told["job_failures"].items()]
    for name, found in year.env["sig.health"]._get_health().items():
        if not found["ok"] and name not in ("disk", "jobs"):
            faults.append(f"{name}: {found}")
    jobs = year.env["sig.health"]._get_jobs()
    faults += [job.cron_name for job in jobs if not job.active or job.failure_count]
    return sum(year.told["jobs"].values()), faults


@nothing("the acts of each case are one chain, and its heads are those that were kept")
def _(year):
    heads, altered = year.env["sig.act.head.export"]._read_heads(year.company)
    faults = {**year.env["sig.act.check"]._find_faults(year.cases, heads), **dict.fromkeys(altered, "heads altered")}
    runs = year.env["sig.act.check"].search([("fault_count", ">", 0)])
    acts = sum(map(len, year.acts.values()))
    return acts, [*(f"{name}: {found}" for name, found in faults.items()), *(f"run of {run.date}" for run in runs)]


@nothing("nothing is there twice that must be once")
def _(year):
    cr, faults = year.env.cr, []
    for what, table, columns, where in UNIQUE:
        grouped = f"FROM {table} WHERE {where} GROUP BY {columns}"
        cr.execute(f"SELECT {columns} {grouped} HAVING count(*) > 1 LIMIT 5")
        faults += [f"{what}: {row}" for row in cr.fetchall()]
    return len(year.cases), faults


@nothing("no date is ahead of the clock, and no act is before the one that it follows by more than its fact")
def _(year):
    now, faults, looked = fields.Datetime.now() + timedelta(minutes=1), [], 0
    ours = ("sig.pqrs", "sig.pqrs.assignment", "sig.pqrs.act", "sig.pqrs.communication", "sig.finding", "sig.pqrs.mail")
    for name in ours:
        for field in year.env[name]._fields.values():
            if field.store and field.type == "datetime" and field.name not in ("authority_deadline", "date_escalation"):
                looked += 1
                if ahead := year.env[name].search([(field.name, ">", now)], limit=3):
                    faults.append(f"{field}: {ahead.mapped('display_name')}")
    for case, acts in year.acts.items():
        moments = [act.recorded_at for act in acts]
        if moments != sorted(moments):
            faults.append(f"{case.name}: its acts were not recorded in their order")
    return looked + len(year.acts), faults


@nothing("plans and their activities are not overdue for long; reviews and waves are closed")
def _(year):
    old = year.today - timedelta(days=21)
    lines = year.env["sig.action.plan.line"].search(
        [("state", "=", "open"), ("plan_state", "=", "in_progress"), ("date_due", "<", old)]
    )
    plans = year.env["sig.action.plan"].search([("state", "=", "to_verify"), ("verification_date", "<", old)])
    waves = year.env["sig.survey.wave"].search([("state", "in", ("running", "closed"))])
    decisions = year.env["sig.management.decision"].search([("state", "=", "open"), ("date_due", "<", old)])
    late = [record.display_name for records in (lines, plans, waves, decisions) for record in records]
    return year.env["sig.action.plan"].search_count([]) + len(late), late


@nothing("no step met an error, and no refusal that people do not foresee")
def _(year):
    faults = [f"{count} × {what}" for what, count in year.told["faults"].items()]
    faults += [f"refused {count} × {what}" for what, count in year.told["refused"].items()]
    return sum(year.told["taken"].values()), faults


@nothing("the log of the server has no error of the addon")
def _(year):
    line = re.compile(r"^\S+ \S+ \d+ (ERROR|CRITICAL) \S+ (\S+): (.*)", re.MULTILINE)
    text = Path(os.environ["SIG_YEAR_LOG"]).read_text(errors="replace")
    # what became of mails that a server refuses is looked at above
    foreseen = re.compile("wkhtmltopdf|^failed sending mail")
    found = Counter(
        f"{logger}: {said[:150]}" for _level, logger, said in line.findall(text) if not foreseen.search(said)
    )
    return len(text.splitlines()) + 1, [f"{count} × {what}" for what, count in found.items()]


# -- The table -------------------------------------------------------------------------------------------------------


def judge(records, is_met, complaint, faults=()):
    """How many there are, and a line for each that is not as it should be."""
    wrong = [f"{record.display_name}: {complaint}" for record in records if not is_met(record)]
    return len(records), [*faults, *wrong]


def before(kinds, kind):
    return kinds[: kinds.index(kind)] if kind in kinds else []


def read_promises():
    """What the document promises: the first columns of its tables."""
    text = Path(os.environ["SIG_YEAR_PROMISES"]).read_text(encoding="utf-8")
    rows = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| ")]
    return [row[0].strip() for row in rows if row[0] not in ("El procedimiento dice", "Documento")]


def look(year, check):
    """``(count, faults, whether it was met)``; None for what was not played."""
    if check.months > year.told["months"]:
        return 0, [], None
    try:
        with year.env.cr.savepoint():
            count, faults = check.look(year)
    except Exception as error:
        return 0, [f"it cannot be looked at: {type(error).__name__}: {error}"], False
    if not count and not faults and year.told["filed"] < FEW:
        return 0, [], None
    return count, faults, bool(count) and not faults


def main(env):
    told = json.loads(Path(os.environ["SIG_YEAR_TOLD"]).read_text())
    year, wanted = Year(env(context={**env.context, "lang": "es_CO", "active_test": True}), told), read_promises()
    known = {check.promise for check in CHECKS}
    missing = [text for text in wanted if text not in known]
    stale = sorted(known - {*wanted, WAITING})
    print(
        f"{told['filed']} petitions in {told['months']} months, {len(year.cases)} cases, until {told['ended']}; ",
        end="",
    )
    print(f"{told['letters']} mails left, {sum(told['jobs'].values())} jobs ran; {told['seconds']} s")
    print("channels: " + tell(year.cases.mapped("channel")) + "; outcomes: " + tell(year.cases.mapped("outcome")))
    print("acts: " + tell(act.kind for acts in year.acts.values() for act in acts))
    print("| Promise | What was looked at | How many | |")
    print("|---|---|---|---|")
    is_well = not (missing or stale)
    for check in sorted(CHECKS, key=lambda check: wanted.index(check.promise) if check.promise in wanted else 99):
        count, faults, is_met = look(year, check)
        verdict = "not played" if is_met is None else "met" if is_met else "**not met**"
        print(f"| {check.promise} | {check.what} | {count} | {verdict} |")
        for fault in faults[:EXAMPLES]:
            print(f"|   | {fault} | {len(faults)} | |")
        is_well &= is_met is not False
    for text in (*missing, *stale):
        print(f"| {text} | its check is missing, or the document says it otherwise | 0 | **not met** |")
    for what, count in told["foreseen"].items():
        print(f"refused as foreseen, {count} times: {what}")
    print("ALL IS WELL" if is_well else "NOT AS PROMISED")


def tell(values):
    return ", ".join(f"{name or 'none'} {count}" for name, count in sorted(Counter(values).items(), key=str))

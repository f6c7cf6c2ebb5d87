from datetime import timedelta

from markupsafe import Markup

from odoo import api, models, tools
from odoo.exceptions import UserError
from odoo.fields import Domain

from ...tools import starting_point

#: what a person has typed of a case that is not stored yet
TYPED = (
    "subject", "description", "remedy", "site", "client_id", "reason_id", "incident_date", "company_id",
    "partner_id", "email_from", "anonymous",
)  # fmt: skip

#: days after the facts in which others tell of them, and cases that are shown
TOLD_WITHIN, SAME_FACT = 60, 10


class SimilarPanel(models.AbstractModel):
    """What people see of similar cases while they register, triage and draft."""

    _inherit = "sig.similar"

    @api.model
    @api.readonly
    def get_similar(self, case_id=False, values=None):
        """Cases like one, if the user reads it, or like one that the SIG types.

        :param dict values: of the fields `TYPED`.
        :raises UserError: when the day of the facts is no date.
        :return: ``{"same_fact": [row], "similar": [row]}``: dicts of ``id name note why``; of a case that was answered
            also ``answer``, as `_get_earlier_row` of assignments gives it, and ``sections``, ``[[id, process]]``.
        """
        Pqrs = self.env["sig.pqrs"]
        nothing = {"same_fact": [], "similar": []}
        if not Pqrs.has_access("read"):
            return nothing
        readable, case = Pqrs._search(Domain.TRUE), Pqrs  # the rules are built once
        if values is None:
            asked = Domain("id", "in", Pqrs._get_record(Pqrs._name, case_id).ids) & Domain("id", "in", readable)
            case = Pqrs.sudo().search_fetch(asked, [*TYPED, "date_received"]).with_env(self.env)
        elif isinstance(values, dict) and self.env.user.has_group("sig_pqrs.group_sig_director"):
            typed = {name: values.get(name) for name in TYPED}
            typed["incident_date"] = self.env.company._sig_date(typed["incident_date"])
            case = Pqrs.new(typed)
        if not case:
            return nothing
        text = self.env["sig.words"]._get_text(case)
        company = (case.company_id or self.env.company)._origin
        facts = {"site": case.site, "client": case.client_id._origin, "reason": case.reason_id._origin}
        others = Domain("id", "not in", case._origin.ids)
        return {
            "same_fact": [self._get_row(other) for other in self._find_same_fact(case, company, readable)],
            "similar": self._get_rows(self._find(text, company, **facts, domain=others, readable=readable)),
        }

    def _find_same_fact(self, case, company, readable):
        """Cases of others, of the same site and day, among those that are ``readable``: each keeps its own answer."""
        if not case.site or not (case.incident_date or case.date_received):
            return case.browse()
        day = case.incident_date or case._get_received_on()
        midnight = company._sig_midnight
        since = Domain("date_received", ">=", midnight(day))
        same_day = Domain("incident_date", "=", False) & Domain("date_received", "<", midnight(day + timedelta(1)))
        of_day = since & Domain("date_received", "<", midnight(day + timedelta(TOLD_WITHIN)))
        of_day &= Domain("incident_date", "=", day) | same_day
        others = Domain("site", "=ilike", case.site.strip()) & Domain("id", "not in", case._origin.ids)
        shown = self._get_domain(company) & of_day & others & Domain("id", "in", readable)
        case_sudo = case.sudo()
        found = case_sudo.search(shown, order="date_received, id", limit=SAME_FACT)
        if found:
            same = case_sudo._get_same_petitioner_domain(case._get_contact())
            found -= case_sudo.search(same & Domain("id", "in", found.ids))
        return found.with_env(self.env)

    def _get_rows(self, found):
        cases = self.env["sig.pqrs"].union(*(row.case for row in found))
        given = [("pqrs_id", "in", cases.ids), ("date_answered", "!=", False)]
        shown = ["pqrs_id", "company_id", "date_answered", "body"]
        answers = self.env["sig.pqrs.answer"].sudo().search_fetch(given, shown, order="round")  # as who reads the case
        last = {answer.pqrs_id.id: answer for answer in answers}
        parts = [("answer_id", "in", [answer.id for answer in last.values()]), ("state", "=", "approved")]
        sections = self.env["sig.pqrs.assignment"].search_fetch(parts, ["pqrs_id", "process_id"]).grouped("pqrs_id")
        labels = {
            "site": self.env._("Same site"),
            "client": self.env._("Same client"),
            "reason": self.env._("Same reason"),
        }
        rows = []
        for case, _score, words, reasons in found:
            row = self._get_row(case, " · ".join([*(labels[name] for name in reasons), ", ".join(words)]))
            if answer := last.get(case.id):
                row["answer"] = self.env["sig.pqrs.assignment"]._get_earlier_row(answer)
                row["sections"] = [[part.id, part.process_id.name] for part in sections.get(case, ())]
            rows.append(row)
        return rows

    def _get_row(self, case, why=""):
        received = tools.format_date(self.env, case._get_received_on())
        return {
            "id": case.id,
            "name": f"{case.name} · {case.subject}",
            "note": f"{case._get_choices('state')[case.state]} · {received}",
            "why": why,
        }

    @api.model
    @api.readonly
    def get_starting_point(self, section_id):
        """The text of an approved part of an answer that was given, with marks where it tells of its petitioner.

        :return: HTML.
        """
        Assignment = self.env["sig.pqrs.assignment"]
        section = Assignment._get_record(Assignment._name, section_id)
        section.check_access("read")
        case = section.pqrs_id
        shown = self._get_domain(case.company_id) & Domain("id", "=", case.id)
        if not section.answer_id or not case.search_count(shown):
            raise UserError(self.env._("Only the answer that was given to a similar case is a starting point."))
        labels = {
            "name": self.env._("name"),
            "contact": self.env._("email or link"),
            "address": self.env._("address"),
            "date": self.env._("date"),
            "amount": self.env._("amount"),
            "number": self.env._("number"),
        }
        names = ([text for text in texts if text] for texts in self._get_names(case))
        lines = starting_point.split_lines(section.response or "")
        marked = starting_point.mark_other("\n".join(lines), labels, *names)
        return Markup().join(Markup("<p>%s</p>") % line for line in marked.split("\n"))

    def _get_names(self, case):
        """:return: names of who asked and their company, those of where it happened, and ours, which stay."""
        contact, company = case._get_contact(), case.company_id
        people = contact.partner | contact.partner.commercial_partner_id | case.client_id
        names = [contact.name, *people.mapped("name")]
        places = [*contact.address, case.site, case.city]
        keep = [company.name, company.email, company.phone, company.website, company.sig_service_email]
        return names, places, keep

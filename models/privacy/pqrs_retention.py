from itertools import islice

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.fields import Domain

from ..mixin.transitions import ENDED

#: acts that tell of the keeping of a case, and not of what happened in it
KEEPING = (
    *("kept", "hold_placed", "hold_released", "data_exported", "anonymized", "erasure"),
    *("restricted", "unrestricted", "readers_changed"),
)

#: cases whose acts are looked at together
BATCH = 10_000


class PqrsRetention(models.Model):
    """Until when the personal data of a case are kept: the years of its type, from its last act."""

    _inherit = "sig.pqrs"

    anonymized_on = fields.Datetime("Personal data erased on", readonly=True, index="btree_not_null")
    retention_until = fields.Date(
        "Personal data kept until",
        compute="_compute_retention_until",
        groups="sig_pqrs.group_sig_director",
        help="The years of its type, from its last act. Empty while it is open, or when they are kept for good.",
    )

    @api.depends("state", "act_number", "type_id.retention_years", "anonymized_on")
    def _compute_retention_until(self):
        until = self._get_kept_until("retention")
        for case in self:
            case.retention_until = until[case]

    def _get_kept_until(self, kind):
        """``{case: last day on which it is kept}``; empty while it is open, once it is erased, and without years.

        :param str kind: of the run: ``retention``, or ``request`` for the years of the legal duty.
        """
        last = self._get_last_act_dates()
        found = {}
        for case in self:
            years = case.type_id._get_kept_years(kind)
            day = last.get(case.id) if case.state in ENDED and years and not case.anonymized_on else None
            found[case] = day and day + relativedelta(years=years)
        return found

    def _get_last_act_dates(self):
        """``{id: local date}`` of the last act of each case, those of its keeping apart."""
        domain = [("pqrs_id", "in", self.ids), ("kind", "not in", KEEPING)]
        groups = self.env["sig.pqrs.act"].sudo()._read_group(domain, ["pqrs_id", "company_id"], ["date:max"])
        return {case.id: company._sig_local_date(moment) for case, company, moment in groups}

    def _is_held(self):
        return self.legal_hold and not self.anonymized_on

    def _get_anonymization_refusal(self, kind=None, until=None):
        """Why the personal data of the case must stay, in words for the person who asks; empty when they need not.

        :param str kind: of the run; without one, how long it is kept does not count.
        :param until: of `_get_kept_until`.
        """
        self.ensure_one()
        case = self.with_context(lang=self.company_id._sig_lang())
        if case.anonymized_on:
            return case.env._("Its personal data were erased before.")
        if case.legal_hold:
            return case.env._("A proceeding or an authority asks for it: it is kept until that ends.")
        if case.state not in ENDED or case.delivery_state == "pending":
            return case.env._("It is being attended to: ask again once it is answered.")
        if case.client_message_pending:
            return case.env._("A message of the petitioner waits.")
        if case.commitment_ids.filtered(lambda commitment: commitment.state == "open"):
            return case.env._("A commitment is open.")
        duty = case.type_id.duty_basis if kind == "request" else ""
        return self.env["sig.erasure"]._get_retention_refusal(case.company_id, kind, until, duty)

    @api.model
    def _find_expired(self, company, day, limit):
        """Cases of a company whose personal data need not be kept any more, those under legal hold among them.

        :param day: local date.
        :param int limit: how many at most: type by type, in the order in which they were recorded.
        """
        return self.union(*islice(self._iterate_expired(company, day), limit))

    @api.model
    def _iterate_expired(self, company, day):
        kinds = self.env["sig.pqrs.type"].with_context(active_test=False)
        for kind in kinds.search([("retention_years", ">", 0), ("company_id", "in", (False, company.id))]):
            term, last_id = relativedelta(years=kind.retention_years), 0
            domain = (
                Domain("company_id", "=", company.id)
                & Domain("type_id", "=", kind.id)
                & Domain("state", "in", ENDED)
                & Domain("anonymized_on", "=", False)
                & Domain("date_received", "<", company._sig_midnight(day - term))
            )
            while cases := self.search(domain & Domain("id", ">", last_id), order="id", limit=BATCH):
                last = cases._get_last_act_dates()
                yield from cases.filtered(
                    lambda case, last=last, term=term: case.id in last and last[case.id] + term < day
                )
                last_id = cases[-1].id

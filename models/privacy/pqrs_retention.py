from itertools import islice

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.fields import Domain

from ..case.transitions import ENDED

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

    anonymized_on = fields.Datetime("Personal data erased on", readonly=True, copy=False, index="btree_not_null")
    retention_until = fields.Date(
        "Personal data kept until",
        compute="_compute_retention_until",
        groups="sig_pqrs.group_sig_director",
        help="The years of its type, from its last act. Empty while it is open, or when they are kept for good.",
    )

    @api.depends("state", "act_number", "type_id.retention_years", "anonymized_on")
    def _compute_retention_until(self):
        last = self._get_last_act_dates()
        for case in self:
            years = case.type_id.retention_years
            day = last.get(case.id) if case.state in ENDED and years and not case.anonymized_on else None
            case.retention_until = day and day + relativedelta(years=years)

    def _get_last_act_dates(self):
        """``{id: local date}`` of the last act of each case, those of its keeping apart."""
        domain = [("pqrs_id", "in", self.ids), ("kind", "not in", KEEPING)]
        groups = self.env["sig.pqrs.act"].sudo()._read_group(domain, ["pqrs_id", "company_id"], ["date:max"])
        return {case.id: company._sig_local_date(moment) for case, company, moment in groups}

    @api.model
    def _find_expired(self, company, day, limit):
        """Cases of a company whose personal data need not be kept any more, those under legal hold among them.

        :param day: local date.
        :param int limit: how many at most: type by type, in the order in which they were recorded.
        :return: ``{case: last day of the retention}``, as superuser.
        """
        found = {}
        for kind, domain in self._get_expired_domains(company, day):
            term, last_id = relativedelta(years=kind.retention_years), 0
            while len(found) < limit and (
                cases := self.sudo().search(domain & Domain("id", ">", last_id), order="id", limit=BATCH)
            ):
                until = {id_: last + term for id_, last in cases._get_last_act_dates().items()}
                found.update((case, until[case.id]) for case in cases if until.get(case.id, day) < day)
                last_id = cases[-1].id
        return dict(islice(found.items(), limit))

    @api.model
    def _get_expired_domains(self, company, day):
        """Of each type that is kept for some years: the type, and its ended cases that were received that long ago."""
        kinds = self.env["sig.pqrs.type"].sudo().with_context(active_test=False)
        for kind in kinds.search([("retention_years", ">", 0), ("company_id", "in", (False, company.id))]):
            yield (
                kind,
                Domain("company_id", "=", company.id)
                & Domain("type_id", "=", kind.id)
                & Domain("state", "in", ENDED)
                & Domain("anonymized_on", "=", False)
                & Domain("date_received", "<", company._sig_midnight(day - relativedelta(years=kind.retention_years))),
            )

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..mixin.transitions import ENDED

#: acts about the record of a case, after which the years of retention do not start again
KEEPING = (
    "kept", "files_added", "message_received", "message_sent",
    "hold_placed", "hold_released", "data_exported", "anonymized", "erasure",
    "restricted", "unrestricted", "readers_changed", "contact_corrected", "identity_unchecked",
)  # fmt: skip


class PqrsTypeRetention(models.Model):
    """How long the personal data of cases of a type are kept: only as long as their purpose and the legal or
    contractual duties ask (Decreto 1377 de 2013, art. 11).

    The law sets no number for petitions to private bodies: each company confirms its own, again after each change.
    """

    _name = "sig.pqrs.type"
    _inherit = ["sig.pqrs.type", "sig.thread.mixin"]

    retention_years = fields.Integer(
        "Keep personal data for",
        aggregator=None,
        default=10,
        tracking=True,
        help="Years from the last act of its handling. Then personal data may be erased; figures stay. 0: for good.",
    )
    retention_confirmed = fields.Boolean(
        "Retention confirmed",
        compute="_compute_retention_confirmed",
        store=True,
        readonly=False,
        copy=False,
        tracking=True,
        help="Nothing is erased before the company confirms the years, as in its table of document retention.",
    )
    duty_years = fields.Integer(
        "Legal duty to keep it for",
        aggregator=None,
        default=10,
        tracking=True,
        help="Years from the last act of its handling during which a law or a contract asks to keep it: before that it "
        "is not erased, even if the person asks. 0: there is no such duty.",
    )
    duty_basis = fields.Char(
        "Which duty",
        default="Ley 962 de 2005, art. 28",
        tracking=True,
        help="The law or contract, as the person who asks for the erasing is told.",
    )

    @api.constrains("retention_years", "duty_years")
    def _check_retention_years(self):
        if any(not (0 <= kind.retention_years <= 100 and 0 <= kind.duty_years <= 100) for kind in self):
            raise ValidationError(self.env._("Personal data are kept from 0 to 100 years; 0 is for good."))

    @api.depends("retention_years", "duty_years", "duty_basis")
    def _compute_retention_confirmed(self):
        self.retention_confirmed = False

    def action_confirm_retention(self):
        """Confirm the years that the form showed, which its button sends, and no others."""
        self.ensure_one()
        now = [self.retention_years, self.duty_years, self.duty_basis]
        if self.env.context.get("retention_seen", now) != now:
            raise UserError(self.env._("The years changed since you opened this: open it again, and read them."))
        self.retention_confirmed = True
        return True


class PqrsRetention(models.Model):
    _inherit = "sig.pqrs"

    anonymized_on = fields.Datetime("Personal data erased on", readonly=True, index="btree_not_null")
    legal_hold = fields.Boolean("Under legal hold", readonly=True)
    legal_hold_reason = fields.Text("Why it is held", readonly=True, groups="sig_pqrs.group_sig_director")

    _hold_index = models.Index("(company_id) WHERE legal_hold IS TRUE")

    def _get_kept_until(self, kind):
        """``{case: last day}``; empty while it is open, erased, and without years.

        :param str kind: of the run: ``retention``, or ``request`` for the legal duty, unless retention is shorter.
        """
        acts = [("pqrs_id", "in", self.ids), ("kind", "not in", KEEPING)]
        groups = self.env["sig.pqrs.act"].sudo()._read_group(acts, ["pqrs_id", "company_id"], ["date:max"])
        last = {case.id: company._sig_local_date(moment) for case, company, moment in groups}
        found = {}
        for case in self:
            years = case.type_id.retention_years
            if kind == "request":
                years = min(case.type_id.duty_years, years or case.type_id.duty_years)
            day = last.get(case.id) if case.state in ENDED and years and not case.anonymized_on else None
            found[case] = day and day + relativedelta(years=years)
        return found

    def _get_anonymization_refusal(self, kind=None, until=None):
        """Why the case must keep its personal data, in words for the person who asks; empty when it need not.

        :param str kind: of the run; without one, retention does not count.
        :param until: of `_get_kept_until`.
        """
        case = self._sig_in_language_of(self.company_id)
        if case.anonymized_on:
            return case.env._("Its personal data were erased before.")
        if case.legal_hold:
            return case.env._("A proceeding or an authority asks for it: it is kept until that ends.")
        if case.state not in ENDED or case.delivery_state == "pending":
            return case.env._("It is being attended to: ask again once it is answered.")
        if case._get_waiting_after_end():
            return case.env._("A message of the petitioner waits.")
        if case.commitment_ids.filtered(lambda commitment: commitment.state == "open"):
            return case.env._("A commitment is open.")
        duty = case.type_id.duty_basis if kind == "request" else ""
        return self.env["sig.anonymization.line"]._get_retention_refusal(case.company_id, kind, until, duty)

    def _is_held(self):
        return self.legal_hold and not self.anonymized_on

    def action_hold(self, reason):
        """Delete nothing of the cases, whatever their age, while the proceedings of ``reason`` may ask for them."""
        proven = self._check_transition("hold")
        reason = self._require_text(reason)
        for case in proven:
            case.write({"legal_hold": True, "legal_hold_reason": case._sign(reason)})
        self._record("hold_placed", reason)
        return True

    def action_release_hold(self, reason):
        proven = self._check_transition("release_hold")
        reason = self._require_text(reason)
        proven.write({"legal_hold": False, "legal_hold_reason": False})
        self._record("hold_released", reason)
        return True

    def _compute_allowed_transitions(self):
        result = super()._compute_allowed_transitions()
        self.filtered("anonymized_on").allowed_transitions = []
        return result

    def _check_transition(self, name):
        self.sudo()._check_not_anonymized()
        return super()._check_transition(name)

    @api.model
    def _check_may_add(self, records, model_field):
        """Refuse what users put on erased cases; arguments as of `sig.anonymizer._check_not_held`."""
        for place in {(record[model_field], record.res_id) for record in records}:
            self._get_case_of(*place)._check_not_anonymized()

    def _check_not_anonymized(self):
        if names := ", ".join(self.filtered("anonymized_on").mapped("name")):
            raise UserError(self.env._("The personal data of %s were erased: nothing more is done with it.", names))

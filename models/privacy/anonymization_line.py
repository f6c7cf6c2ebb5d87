from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..json_list import JsonList

#: options of a field that says what is erased
ERASED = {"readonly": True, "ondelete": "restrict", "index": "btree_not_null", "check_company": True}


class AnonymizationLine(models.Model):
    """One case, one wave, one recipient of a wave, or mails that were not filed, in a run. Its target: see `TARGET`."""

    _name = "sig.anonymization.line"
    _description = "Case or Survey of an Erasing of Personal Data"
    _inherit = ["sig.record.mixin"]
    _order = "state, retention_until, id"
    _rec_name = "pqrs_id"

    run_id = fields.Many2one("sig.anonymization", required=True, readonly=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="run_id.company_id", store=True, precompute=True)
    run_kind = fields.Selection(related="run_id.kind", string="Why it is erased")
    allowed_transitions = JsonList(related="run_id.allowed_transitions", related_sudo=False)
    pqrs_id = fields.Many2one("sig.pqrs", "PQRS", **ERASED)
    wave_id = fields.Many2one("sig.survey.wave", "Survey", **ERASED)
    recipient_id = fields.Many2one("sig.survey.recipient", "Respondent", **ERASED)
    mail_ids = fields.Many2many(
        "sig.pqrs.mail", "sig_anonymization_line_mail_rel", string="Mails not filed", readonly=True, check_company=True
    )
    type_id = fields.Many2one(related="pqrs_id.type_id", store=True, precompute=True)
    date_received = fields.Datetime(related="pqrs_id.date_received")
    retention_until = fields.Date("Personal data kept until", readonly=True)
    state = fields.Selection(
        [
            ("pending", "To be erased"),
            ("held", "Under legal hold"),
            ("excluded", "Left out"),
            ("skipped", "Kept"),
            ("failed", "Failed"),
            ("done", "Erased"),
        ],
        required=True,
        default="pending",
        readonly=True,
        index=True,
    )
    detail = fields.Char("Why", readonly=True)
    is_of_another = fields.Boolean("Of somebody else", readonly=True)

    _one_target = models.Constraint("CHECK(num_nonnulls(pqrs_id, wave_id) < 2)", "A line is of a case or of a survey.")

    def _compute_display_name(self):
        for line in self:
            line.display_name = (line.pqrs_id or line.wave_id).display_name or self.env._("Mails not filed")

    def action_exclude(self, reason="", of_another=False):
        """
        :param str reason: why they are left out; the person who asked is told, so a run by request requires it.
        :param bool of_another: whether they are of somebody else, of which who asks is not told.
        """
        self.run_id._check_transition("edit")
        reason = (reason or "").strip()
        if not reason and "request" in self.run_id.mapped("kind"):
            raise UserError(self.env._("Write why it is left out: the person who asks is told."))
        self.sudo().filtered(lambda line: line.state == "pending").write(
            {"state": "excluded", "detail": reason or False, "is_of_another": bool(of_another)}
        )
        return True

    def action_include(self):
        self.run_id._check_transition("edit")
        excluded = self.sudo().filtered(lambda line: line.state == "excluded")
        excluded.write({"state": "pending", "detail": False, "is_of_another": False})
        excluded._keep_what_may_not_be_erased()
        return True

    def _clear_reasons(self, concerned):
        """Empty why lines were left out: it may name who is erased."""
        self.search(concerned & Domain("state", "=", "excluded")).detail = False

    def _get_target(self):
        self.ensure_one()
        return (self.pqrs_id.id, self.wave_id.id, self.recipient_id.id, tuple(sorted(self.mail_ids.ids)))

    def _get_record(self):
        return self.pqrs_id or self.recipient_id or self.wave_id

    def _is_confirmed(self):
        """Whether the company confirmed the years. No duty asks to keep an answer to a survey."""
        if self.pqrs_id:
            return self.type_id.retention_confirmed
        return bool(self.recipient_id or not self.wave_id) or self.company_id.sig_survey_retention_confirmed

    def _keep_what_may_not_be_erased(self):
        """Write the reason on each line that may not be erased today, and return those lines and the erased ones."""
        kept = self.filtered(lambda line: line._get_record().anonymized_on)
        kept.write({"state": "done", "detail": False})
        for line in self.filtered(lambda line: line.mail_ids and all(mail.pqrs_id for mail in line.mail_ids)):
            env = line._sig_in_language_of(line.company_id).env
            line.write({"state": "skipped", "detail": env._("It was filed since: look the person up again.")})
            kept |= line
        for kind, lines in (self - kept).grouped("run_kind").items():
            until = {**lines.pqrs_id._get_kept_until(kind), **lines.wave_id._get_kept_until(kind)}
            for line in lines.filtered(lambda line: line.pqrs_id or line.wave_id):
                record = line._get_record()
                line.retention_until = until[line.pqrs_id or line.wave_id]
                state = "held" if record._is_held() else "skipped"
                refusal = record._get_anonymization_refusal(kind, line.retention_until)
                if not refusal and line.run_id.state == "running" and not line._is_confirmed():
                    env = line._sig_in_language_of(line.company_id).env
                    refusal = env._("The company changed how long it is kept, and has not confirmed it again.")
                    state = "failed"  # it can be tried again
                if refusal:
                    line.write({"state": state, "detail": refusal})
                    kept |= line
        return kept

    @api.model
    def _get_retention_refusal(self, company, kind, until, duty=""):
        """Why retention keeps something today, in words for the person who asks; empty when it does not.

        :param str kind: of the run; empty when retention does not count.
        :param until: last day of retention; empty when there is none.
        :param str duty: the law or contract.
        """
        self = self._sig_in_language_of(company)
        if until and until >= company._sig_today():
            why = (duty or "").rstrip(".") or self.env._("so the company decided")
            return self.env._("It must be kept until %(day)s: %(why)s.", day=self._format_day(until), why=why)
        return "" if until or kind != "retention" else self.env._("It is kept for good.")

    def _anonymize(self):
        Anonymizer = self.env["sig.anonymizer"]
        for (run, kind), lines in self.filtered("pqrs_id").grouped(lambda line: (line.run_id, line.type_id)).items():
            cases = lines.pqrs_id.with_user(run.user_id).with_company(run.company_id)
            years = {"years": kind.retention_years, "duty_years": kind.duty_years, "duty": kind.duty_basis or ""}
            note, data = run.reason.strip(), {"run": run.id, **years}
            if run.kind == "request":
                # Who asked, and how they were identified, stays with the run and the claim.
                env = self._sig_in_language_of(run.company_id).env
                note = env._("The person asked for it (Ley 1581 de 2012, art. 8 e).")
                data["asked"] = True
            Anonymizer._anonymize_cases(cases, note, data)
        Anonymizer._anonymize_recipients(self.recipient_id)
        Anonymizer._anonymize_waves(self.filtered(lambda line: line.run_kind == "retention").wave_id)
        mails = self.mail_ids.filtered(lambda mail: not mail.pqrs_id)
        self._sig_as_step().env["sig.person.export"]._clear_person(mails=mails)
        mails.unlink()
        self.write({"state": "done", "detail": False, "recipient_id": False, "mail_ids": False})

    def _get_answer(self):
        what = {
            "done": self.env._("its personal data were erased."),
            "pending": self.env._("its personal data will be erased."),
            "failed": self.env._("its personal data could not be erased."),
        }.get(self.state) or self.env._("it is kept. %s", self.detail or "")
        if self.wave_id:
            name = self.env._("what you answered in “%s”", self.wave_id.name)
            return self.env._("- %(survey)s: %(what)s", survey=name, what=what)
        if not self.pqrs_id:
            return self.env._("- what you wrote to us by mail and was not filed: %s", what)
        day = self._format_day(self.date_received)
        return self.env._("- %(case)s, of %(day)s: %(what)s", case=self.pqrs_id.name, day=day, what=what)

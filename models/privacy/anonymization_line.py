from odoo import fields, models
from odoo.exceptions import UserError


class AnonymizationLine(models.Model):
    """One case in a run, and what became of it."""

    _name = "sig.anonymization.line"
    _description = "Case of an Erasing of Personal Data"
    _order = "state, retention_until, id"
    _rec_name = "pqrs_id"
    _check_company_auto = True

    run_id = fields.Many2one("sig.anonymization", required=True, readonly=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="run_id.company_id", store=True, precompute=True)
    run_state = fields.Selection(related="run_id.state", string="State of the run")
    run_kind = fields.Selection(related="run_id.kind", string="Why it is erased")
    may_change = fields.Boolean(related="run_id.may_change", related_sudo=False)
    pqrs_id = fields.Many2one(
        "sig.pqrs", "PQRS", required=True, readonly=True, ondelete="restrict", index=True, check_company=True
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

    def action_exclude(self, reason="", of_another=False):
        """Leave the cases out of the run.

        :param str reason: why; it is required of what a person asked for, who is told it.
        :param bool of_another: whether they are of somebody else than who asks, who is told nothing of them then.
        """
        self.run_id._check_may_change()
        self.run_id._check_state("draft")
        reason = (reason or "").strip()
        if not reason and "request" in self.run_id.mapped("kind"):
            raise UserError(self.env._("Write why it is left out: the person who asks is told."))
        self.sudo().filtered(lambda line: line.state == "pending").write(
            {"state": "excluded", "detail": reason or False, "is_of_another": bool(of_another)}
        )
        return True

    def action_include(self):
        """Take the cases that were left out into the run again; each is looked at anew."""
        self.run_id._check_may_change()
        self.run_id._check_state("draft")
        excluded = self.sudo().filtered(lambda line: line.state == "excluded")
        excluded.write({"state": "pending", "detail": False, "is_of_another": False})
        excluded._keep_refused()
        return True

    def _get_left_out_values(self):
        """What stays of a case that was left out when its list is made again."""
        return {"state": self.state, "detail": self.detail, "is_of_another": self.is_of_another}

    def _keep_refused(self):
        """Keep the cases that may not be erased any more since the list was made.

        :return: their lines.
        """
        kept = self.browse()
        for run, lines in self.grouped("run_id").items():
            until = run._get_kept_until(lines.pqrs_id)
            for line in lines:
                state, detail = run._judge(line.pqrs_id, until[line.pqrs_id])
                if state == "pending" and run.state == "running" and not line.type_id.retention_confirmed:
                    state, detail = "failed", run._say_unconfirmed()  # once it is confirmed it is tried again
                if state != "pending":
                    line.write({"state": state, "detail": detail})
                    kept |= line
        return kept

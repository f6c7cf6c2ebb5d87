from odoo import fields, models


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

    def action_exclude(self):
        """Leave the cases out of the run."""
        self.run_id._check_is_sig()
        self.run_id._check_state("draft")
        self.sudo().filtered(lambda line: line.state == "pending").state = "excluded"
        return True

    def action_include(self):
        """Take the cases that were left out into the run again."""
        self.run_id._check_is_sig()
        self.run_id._check_state("draft")
        self.sudo().filtered(lambda line: line.state == "excluded").state = "pending"
        return True

    def _keep_refused(self):
        """Keep the cases that may not be erased any more since the list was made.

        :return: their lines.
        """
        kept = self.browse()
        until = self.run_id._get_kept_until(self.pqrs_id)
        for line in self:
            state, detail = line.run_id._judge(line.pqrs_id, until[line.pqrs_id])
            if state != "pending":
                line.write({"state": state, "detail": detail})
                kept |= line
        return kept

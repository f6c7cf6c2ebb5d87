import hashlib
import json

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from .. import clock
from ..wave.wave import ENDED

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class SurveyWave(models.Model):
    """The results of a wave sent to who must know them, and the doors to what there is of them."""

    _inherit = "sig.survey.wave"

    delivery_ids = fields.One2many(
        "sig.survey.delivery", "wave_id", readonly=True, copy=False, groups="sig_pqrs.group_sig_director"
    )
    document_ids = fields.Many2many(
        "ir.attachment",
        string="Documents sent",
        readonly=True,
        copy=False,
        groups="sig_pqrs.group_sig_director",
        bypass_search_access=True,
    )
    documents_key = fields.Char(readonly=True, copy=False, groups="sig_pqrs.group_sig_director")

    def action_send_results(self):
        """The dialog that says who will receive the results."""
        self.ensure_one()
        self._check_is_sig()
        self._check_has_closed()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Send results"),
            "res_model": "sig.survey.send.wizard",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_wave_id": self.id},
        }

    def _check_has_closed(self):
        """
        :raises UserError: for a wave whose results may still change.
        """
        if self.state not in ENDED:
            raise UserError(self.env._("%s is not closed: its results may still change.", self.name))

    def action_print_report(self):
        """The report in PDF as it is published, whoever prints it."""
        self.ensure_one()
        return self.env.ref("sig_pqrs.report_survey_action").report_action(self, config=False)

    def action_print_own_report(self):
        """The report in PDF with all that the SIG reads: names, and what few clients said."""
        self.ensure_one()
        self._check_is_sig()
        return self.env.ref("sig_pqrs.report_survey_own_action").report_action(self, config=False)

    def action_open_results(self):
        """The results in figures, charts and words."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Results"),
            "res_model": self._name,
            "res_id": self.id,
            "views": [(self.env.ref("sig_pqrs.wave_view_form_readers").id, "form")],
        }

    def action_open_silent(self):
        """The clients who were asked and have not answered."""
        self.ensure_one()
        self._check_is_sig()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Who did not answer"),
            "res_model": "sig.survey.recipient",
            "views": [(False, "list"), (False, "form")],
            "domain": [("wave_id", "=", self.id), ("state", "not in", ("answered", "excluded"))],
        }

    def action_open_deliveries(self):
        """Who received the results, and what became of the mails."""
        self.ensure_one()
        return {
            **self.env["ir.actions.actions"]._for_xml_id("sig_pqrs.action_survey_delivery"),
            "domain": [("wave_id", "=", self.id)],
        }

    def _get_owners(self):
        """The owners of the active processes of the company: ``{user: their processes}``."""
        processes = self.env["sig.process"].sudo().search([("company_id", "=", self.company_id.id)])
        owners = {}
        for process in processes.filtered("leader_id.active"):
            owners.setdefault(process.leader_id, self.env["sig.process"].sudo())
            owners[process.leader_id] |= process
        return owners

    def _send_results(self, readers, note=False):
        """Have the results sent; the job makes the documents and the mails.

        :param dict readers: ``{user: why}``.
        """
        self._check_is_sig()
        self._check_has_closed()
        if not readers:
            raise UserError(self.env._("Choose at least one person."))
        wave = self.sudo()
        wave.env["sig.survey.delivery"].create(
            [
                {
                    "wave_id": self.id,
                    "user_id": user.id,
                    "reason": reason,
                    "email": user.email,
                    "note": note,
                    "date_requested": clock.now(),
                }
                for user, reason in readers.items()
            ]
        )
        names = ", ".join(user.name for user in readers)
        wave._message_log(body=self.env._("The results go to: %s", names), author_id=self.env.user.partner_id.id)
        self.env["sig.pqrs"]._trigger("sig_pqrs.cron_survey_delivery")

    def _get_result_documents(self):
        """Report and workbook as they are sent: for who does not run the surveys. Kept with the wave, and made again
        only when something of what they say has changed."""
        self.ensure_one()
        key = self._get_documents_key()
        if self.documents_key != key or len(self.document_ids.exists()) != 2:
            self.sudo().write({"document_ids": [Command.set(self._make_result_documents().ids)], "documents_key": key})
        return self.document_ids

    def _get_documents_key(self):
        """Digest of what the documents say: the frozen results, the analyses, and what the SIG may still set."""
        analyses = self.sudo().analysis_ids.sorted("id")
        said = [
            *(self.results_digest, self.name, self.comment_names, self.env.lang),
            *((analysis.id, analysis.text, analysis.user_id.name) for analysis in analyses),
        ]
        return hashlib.sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()

    def _make_result_documents(self):
        name = self._get_file_name()
        pdf, kind = self.env["ir.actions.report"]._render_qweb_pdf("sig_pqrs.report_survey", self.ids)
        return self.env["ir.attachment"].create(
            [
                {
                    "name": f"{name}.{'pdf' if kind == 'pdf' else 'html'}",
                    "raw": pdf,
                    "res_model": self._name,
                    "res_id": self.id,
                },
                {
                    "name": f"{name}.xlsx",
                    "raw": self._make_workbook(),
                    "mimetype": XLSX,
                    "res_model": self._name,
                    "res_id": self.id,
                },
            ]
        )

    def _get_personal_summary(self, user):
        """What the mail says to one person: the summary, the figures, and the dimensions of their processes."""
        results = self._get_readable_results()
        owned = self._get_owners().get(user, self.env["sig.process"])
        dimensions = self.env["sig.survey.dimension"].browse(part["id"] for part in results["dimensions"] if part["id"])
        theirs = {found.id for found in dimensions.exists() if found._get_processes(self.company_id) & owned}
        own = [part for part in results["dimensions"] if part["id"] in theirs and part["measures"]]
        return {
            "summary": self._get_summary(results),
            "figures": self._get_figure_cards(results),
            "dimensions": [(part["name"], self._tell_dimension(part)) for part in own],
        }

    def _tell_failure(self, deliveries):
        """The SIG is told once that the results could not be sent."""
        self.env["sig.people"]._notify_directors(
            self,
            "mail.mail_activity_data_todo",
            lambda wave: wave.env._("The results could not be sent"),
            deliveries[:1].failure,
        )

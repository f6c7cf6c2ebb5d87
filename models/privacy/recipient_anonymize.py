from odoo import models
from odoo.tools import SQL

from ..wave.wave import ENDED


class RecipientAnonymize(models.Model):
    """Erase who was asked in a survey, and in which words they answered.

    A client that is a company is no person: it stays known what it answered. A person as client becomes a contact that
    nobody is, so that each still counts once.
    """

    _inherit = "sig.survey.recipient"

    def _is_held(self):
        """Whether a comment became a case that is under legal hold."""
        lines = self.env["survey.user_input.line"]
        of_recipients = [("user_input_id.sig_recipient_id", "in", self.ids), ("sig_case_id.legal_hold", "=", True)]
        return bool(lines.search_count(of_recipients, limit=1))

    def _get_anonymization_refusal(self, _kind, _until):
        """Why the personal data must stay, as the person may be told; empty when they need not. Of one wave."""
        mine = self.with_context(lang=self.company_id._sig_lang())
        if self.wave_id.filtered(lambda wave: wave.state not in ENDED):
            return mine.env._("The survey is under way: ask again once it is closed.")
        if self._is_held():
            return mine.env._("A proceeding or an authority asks for it: it is kept until that ends.")
        return ""

    def _anonymize(self):
        """Erase the personal data of recipients; the right to has been proven."""
        if not self:
            return
        self = self.sudo().with_context(tracking_disable=True, mail_create_nolog=True)
        sheets = self.env["survey.user_input"].search([("sig_recipient_id", "in", self.ids)])
        holders = {records._name: records for records in (self, sheets)}
        Erasure = self.env["sig.erasure"]
        erased = Erasure._get_erased_text(self.company_id[:1])
        self.filtered("scan").scan = False
        self.env["ir.attachment"].search(Erasure._get_holder_domain(holders, "res_model")).unlink()
        Erasure._erase_threads(holders)
        self.env["sig.person.export"]._clear_person(waves=self.wave_id)
        self._replace_people(erased)
        self.env.flush_all()
        for query in (
            SQL(
                "UPDATE sig_survey_recipient SET contact_id = NULL, email = NULL, phone = NULL, reason = NULL, "
                "scan_name = NULL WHERE id = ANY(%s)",
                self.ids,
            ),
            SQL(
                "UPDATE survey_user_input SET partner_id = NULL, email = NULL, nickname = NULL WHERE id = ANY(%s)",
                sheets.ids,
            ),
            SQL(
                "UPDATE survey_user_input_line SET value_char_box = CASE WHEN value_char_box <> '' THEN %s END, "
                "value_text_box = CASE WHEN value_text_box <> '' THEN %s END WHERE user_input_id = ANY(%s)",
                erased,
                erased,
                sheets.ids,
            ),
        ):
            self.env.cr.execute(query)
        self.env.invalidate_all()

    def _replace_people(self, name):
        """A contact that nobody is, of that name, in the place of each person who is a client."""
        people = self.partner_id.filtered(lambda client: not client.is_company)
        if not people:
            return
        nobodies = self.env["res.partner"].create([{"name": name, "active": False} for _person in people])
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """UPDATE sig_survey_recipient recipient SET partner_id = stand.nobody, contact_id = NULL
                     FROM unnest(%s, %s) AS stand(person, nobody)
                    WHERE recipient.partner_id = stand.person AND recipient.id = ANY(%s)""",
                people.ids,
                nobodies.ids,
                self.ids,
            )
        )

from odoo import models


class SurveyWave(models.Model):
    """Whom a wave asks of each client, and how."""

    _inherit = "sig.survey.wave"

    def _prepare_recipients(self, clients):
        """Values of the recipients: the respondent, the channel and the interviewer of each client.

        :param clients: commercial entities.
        """
        clients = clients.sudo().with_company(self.company_id)
        respondents = self._get_respondents(clients)
        people = clients | clients.union(*respondents.values())
        decisions = self.env["sig.privacy.consent"]._get_survey_decisions(people, self.company_id)
        values = []
        for client in clients:
            contact = respondents[client]
            email = contact.email or client.email or False
            phone = contact.phone or client.phone or False
            channel = client.sig_survey_channel or ("email" if email else "phone" if phone else "visit")
            vals = {
                "wave_id": self.id,
                "partner_id": client.id,
                "contact_id": contact.id,
                "email": email,
                "phone": phone,
                "channel": channel,
                "interviewer_id": client.sig_survey_interviewer_id.id,
                "city": client.city,
                "industry_id": client.industry_id.id,
                "queued": True,
            }
            if refusal := self.company_id._sig_get_survey_refusal(client | contact, decisions):
                vals.update(state="excluded", reason=refusal, queued=False)
            elif channel == "email" and not email:
                vals.update(state="failed", reason=self.env._("Has no email."))
            values.append(vals)
        return values

    def _get_respondents(self, clients):
        """``{client: who answers}``: the contact remembered, else the one marked, else the client itself."""
        marked = self.env["res.partner"].search(
            [("commercial_partner_id", "in", clients.ids), ("sig_survey_respondent", "=", True)], order="id desc"
        )
        by_client = {contact.commercial_partner_id: contact for contact in marked}
        respondents = {}
        for client in clients:
            remembered = client.sig_survey_contact_id
            valid = remembered.active and remembered.commercial_partner_id == client
            respondents[client] = remembered if valid else by_client.get(client, client)
        return respondents

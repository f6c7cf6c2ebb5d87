from urllib.parse import urlencode

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..communication.communication import TOLD


class PqrsChannel(models.Model):
    _inherit = "sig.pqrs"

    import_source = fields.Char(
        "Imported from", readonly=True, index="btree_not_null", groups="sig_pqrs.group_sig_director"
    )
    tracking_revision = fields.Integer(
        aggregator=None, readonly=True, groups="sig_pqrs.group_sig_director", exportable=False
    )

    def _is_oral(self):
        """Whether it was presented verbally, so that its receipt is the record of it (Decreto 1166 de 2016)."""
        return self.channel in ("phone", "visit")

    def _get_tracking_code(self):
        self.ensure_one()
        self.env["sig.tracking"]._check_gives()
        return self.env["sig.tracking"]._derive(self)

    def _get_tracking_url(self):
        """The link that opens the case, without scripts too; a session takes the place of the code at once."""
        query = urlencode({"number": self.name, "code": self._get_tracking_code()})
        return self._get_page_url(f"/pqrs/track?{query}")

    def _get_hera_url(self):
        return f"{self.get_base_url()}/my/pqrs/{self.id}"

    def _get_client_url(self):
        """Where the petitioner reads the case: in HERA when they have a password of it, else by their link."""
        users = self._get_contact().partner._sig_get_hera_users(self.company_id)
        enters = any(user.login_date or user._sig_has_password(user.login) for user in users)
        return self._get_hera_url() if enters else self._get_tracking_url()

    def action_revoke_tracking(self, reason):
        """Replace the tracking code, for one that came into other hands. Pages opened with it close."""
        proven = self._check_transition("revoke_tracking")
        proven._replace_codes(self._log_on_identity(self._require_text(reason), ""))
        return True

    def _replace_codes(self, note):
        cases = self.sudo()
        for case in cases:
            case.tracking_revision += 1
        cases._record("tracking_revoked", note, data={case: {"revision": case.tracking_revision} for case in cases})

    def _follow_mailboxes(self, replaced):
        """What has not left goes to the address of now; a code that was mailed to a replaced one opens nothing more."""
        mailed = self.sudo().communication_ids.filtered_domain([("direction", "=", "out"), ("medium", "=", "email")])
        if told := replaced & mailed.filtered(lambda each: each.state in TOLD).pqrs_id:
            told._replace_codes(self.env._("It had been mailed to the address that was corrected."))
        receipts = mailed.filtered(lambda each: each.purpose == "acknowledgement").pqrs_id
        due = self.filtered(lambda case: case.sudo().tracking_revision or case in receipts)
        due._void_communications([("purpose", "=", "acknowledgement")])
        self.env["sig.client.notice"]._queue_receipts(due)
        waiting = mailed.filtered(lambda each: each.state == "queued" or (each.state == "draft" and each.mail_id))
        waiting.state = "draft"
        waiting._mail_again()

    def _message_post_after_hook(self, message, msg_values):
        if len(self) == 1 and message.body:
            hidden = self.env["sig.tracking"]._hide(message.body, self)
            if hidden != message.body:
                message.sudo().body = msg_values["body"] = hidden
        return super()._message_post_after_hook(message, msg_values)

    @api.model
    def file_petition(self, petition, token, files=(), company_id=False):
        """File a petition (see `docs/api.md`). Sent again with the same token and content, it is the same case.

        The group *Integration of PQRS* can do nothing but file and follow petitions, and reads no case.

        :param dict petition: by the names of the form of the website, see `sig.pqrs.intake` `_read_petition`.
        :param str token: of the caller, one for each petition.
        :param list files: of ``{"name": ..., "content": base64}``.
        :param int company_id: the current company by default.
        :return: ``{"id", "number", "tracking_code", "date_received", "date_deadline", "state"}``; dates in ISO, UTC.
        :raises AccessError: for who is neither the SIG nor an integration, or does not work in the company.
        :raises UserError: with one line for each error; nothing is filed then.
        """
        return self._in_user_language().env["sig.pqrs.intake"]._file_by_api(petition, token, files, company_id)

    @api.model
    def follow_petition(self, number, code):
        """How a case stands, as on the tracking page.

        :param str number: filing number.
        :param str code: tracking code.
        :return: see `_describe` of `sig.client.view`.
        :raises AccessError: for who is neither the SIG nor an integration.
        :raises UserError: for a wrong number or code, without saying which.
        """
        self = self._in_user_language()
        self.env["sig.pqrs.intake"]._check_integration()
        case = self.env["sig.tracking"]._find(number, code)
        if not case or case.company_id not in self.env.user.company_ids:
            raise UserError(self.env._("The number and the code open no case."))
        view = self.env["sig.client.view"]._describe(case)
        return {**view, "can": sorted(view["can"])}

    def _in_user_language(self):
        """For programs that send no context: XML-RPC gives them no language."""
        return self if self.env.context.get("lang") else self.with_context(lang=self.env.user.lang)

import hashlib

from odoo import SUPERUSER_ID, models
from odoo.exceptions import AccessError, UserError

from ...tools import clean_text

MAX_TEXT = 20_000


class ClientSteps(models.AbstractModel):
    """Steps of the client on the tracking page and in HERA.

    Callers have proven, by tracking code or user, that the case is the client's, and give it as superuser.
    """

    _name = "sig.client.steps"
    _description = "Steps of the Client"

    def _step_write(self, case, text, files=(), token=None, step="write"):
        """Write to the SIG about the case.

        :param files: `sig.upload` uploads.
        :param str token: of the form: the same message is accepted once.
        :param str step: ``deliver`` to deliver the required information, ``review`` to have the answer reviewed, which
            is asked for once and needs no text.
        """
        self._check_is_client()
        text = self._read_text(text)
        if not text and not files and step != "review":
            raise UserError(self.env._("Write a message or attach a file."))
        if errors := self.env["sig.upload"]._check_uploads(files):
            raise UserError("\n".join(errors))
        if token and not self._claim(case, step, text, files, token):
            return
        # a concurrent step on the case comes first, or is retried
        self.env["sig.pqrs.act"]._lock_heads(case)
        if step == "review" and self.env["sig.client.view"]._get_disagreement(case):
            return
        case = self._begin(case, step)
        contact = case.with_user(SUPERUSER_ID)._get_contact()
        self.env["sig.pqrs.communication"]._receive(
            case,
            "petitioner",
            case._get_online_channel(),
            text,
            self.env["sig.upload"]._prepare_attachments(files, case.anonymous),
            purpose={"deliver": "information", "review": "disagreement"}.get(step, "message"),
            email_from=False if case.anonymous else contact.partner.name or contact.name or contact.email,
        )

    def _step_withdraw(self, case, reason=""):
        """Withdraw the request (Ley 1755 de 2015, art. 18)."""
        self._check_is_client()
        reason = self._read_text(reason)
        self.env["sig.pqrs.act"]._lock_heads(case)
        if case.outcome == "withdrawn":
            return
        case = self._begin(case, "withdraw")
        unsaid = case.env._("The petitioner withdrew the request.")
        reason = case._redact(reason, unsaid)
        case.action_withdraw(reason or unsaid)
        case._notify_director(lambda env: env._("The petitioner withdrew the request"), reason)

    def _step_extend(self, case):
        """Ask for more time to complete the request, which who asks in time has (Ley 1755 de 2015, art. 17)."""
        self._check_is_client()
        self.env["sig.pqrs.act"]._lock_heads(case)
        if not case._is_completion_extended():
            case = self._begin(case, "extend")
            unread = case.with_context(sig_seen={"waiting": []})  # what they wrote waits for the SIG
            unread.action_extend_completion(case.env._("The petitioner asked for it on the page of the request."))
            case._notify_director(lambda env: env._("The petitioner asked for more time to complete, and has it"))

    def _step_rate(self, case, rate, feedback="", rating=None):
        """Rate the answer, once: sent again, it is the same.

        :param rate: stars, 1 to 5, as text or number.
        :param rating: ``rating.rating`` of the link with which it is rated.
        """
        self._check_is_client()
        feedback = self._read_text(feedback)
        if case.rating_state != "rated":
            case = self._begin(case, "rate")
            case._apply_rating(rating or case._rating_get_or_create(), rate, feedback)
        elif str(rate) != str(case.rating_value) or feedback not in ("", case._get_rating_text()):
            raise UserError(self.env._("This answer was rated already. Thank you."))

    def _step_surveys(self, case, allows):
        self._check_is_client()
        if case._get_client_survey_answer() is not None and not case._has_survey_answer("yes" if allows else "no"):
            case._with_system_user()._record_consent(False, allows)

    def _check_is_client(self):
        if self.env.user._is_internal():
            raise AccessError(self.env._("This is for the client: those who work on the case cannot do it."))

    def _begin(self, case, step):
        """The case in the language of the company; under reserve or anonymous, without the user of the client."""
        if step not in self.env["sig.client.view"]._get_steps(case):
            raise UserError(self.env._("This is not possible any more. Look at how your request stands now."))
        case = case._with_system_user()
        return case._sig_in_language_of(case.company_id)

    def _read_text(self, text):
        text = clean_text.paragraphs(text) if isinstance(text, str) else ""
        if len(text) > MAX_TEXT:
            refusal = self.env._("The text is too long: %s characters at most. Send the rest as a file.", MAX_TEXT)
            raise UserError(refusal)
        return text

    def _claim(self, case, step, text, files, token):
        content = hashlib.sha256(text.encode())
        for file in files:
            content.update(f"\0{file.name}\0{file.checksum}".encode())
        key = f"message/{case.uuid}/{step}/{str(token)[:100]}/{content.hexdigest()}"
        return self.env["sig.pqrs.submission"].sudo()._claim(key)

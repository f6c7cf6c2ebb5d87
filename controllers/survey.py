from odoo import http
from odoo.addons.survey.controllers.main import Survey
from odoo.exceptions import UserError
from odoo.http import request

from ..models.survey.survey import SURVEY_TYPE
from .client_pages import FORM_ROUTE, READ_ROUTE, ClientPages

#: core's codes: of an answer past its deadline, and of links of nobody
CLOSED = "answer_deadline"
UNKNOWN = ("token_required", "token_wrong")

#: states in which a client may answer; who declined may think again
ASKED = ("to_send", "sent", "failed", "started", "answered", "declined", "bounced", "wrong_contact")


class SurveyController(ClientPages, Survey):
    def _check_validity(self, survey_sudo, answer_sudo, answer_token, ensure_token=True, check_partner=True):
        """Core lets the partner alone answer: interviewers and the SIG answer for the client too."""
        recipient = answer_sudo.sig_recipient_id if answer_sudo else None
        if recipient and check_partner and not request.env.user._is_public():
            if not recipient._may_answer(request.env.user):
                return "answer_wrong_user"
            check_partner = False
        code = super()._check_validity(survey_sudo, answer_sudo, answer_token, ensure_token, check_partner)
        if code is True and recipient and (recipient.wave_id.state != "running" or recipient.state not in ASKED):
            return CLOSED
        return code

    def _redirect_with_error(self, access_data, error_key):
        recipient = access_data["answer_sudo"].sig_recipient_id
        if recipient and error_key in (CLOSED, "survey_closed", "answer_wrong_user"):
            values = self._get_unavailable_values(recipient, error_key)
            status = 403 if error_key == "answer_wrong_user" else 410
            return self._render_light("sig_pqrs.survey_unavailable", values, status)
        if error_key in UNKNOWN and not recipient and access_data["survey_sudo"].survey_type == SURVEY_TYPE:
            return self._render_unknown(access_data["survey_sudo"].sig_company_id)
        return super()._redirect_with_error(access_data, error_key)

    def _render_unknown(self, company=None):
        values = {"company": company or request.website.sudo().company_id, "unknown": True}
        return self._render_light("sig_pqrs.survey_unavailable", values, 404)

    def _get_unavailable_values(self, recipient, error_key):
        return {
            "recipient": recipient,
            "company": recipient.company_id,
            "wrong_user": error_key == "answer_wrong_user",
            "answered": recipient.state == "answered",
        }

    @http.route()
    def survey_start(self, survey_token, *args, **kwargs):
        return self._protect_ours(survey_token, super().survey_start(survey_token, *args, **kwargs))

    @http.route()
    def survey_print(self, survey_token, *args, **kwargs):
        return self._protect_ours(survey_token, super().survey_print(survey_token, *args, **kwargs))

    def _protect_ours(self, survey_token, response):
        return self._protect(response) if self._is_sig_survey(survey_token) else response

    def _is_sig_survey(self, survey_token):
        return survey_token in request.env["survey.survey"]._sig_get_tokens()

    @http.route()
    def survey_display_page(self, survey_token, answer_token, **post):
        return self._protect_ours(survey_token, super().survey_display_page(survey_token, answer_token, **post))

    @http.route()
    def survey_begin(self, survey_token, answer_token, **post):
        return self._explain(super().survey_begin(survey_token, answer_token, **post), survey_token, answer_token)

    @http.route()
    def survey_submit(self, survey_token, answer_token, **post):
        """Save all answers or none: core keeps the valid ones, and refuses them when the page is sent again.

        What was saved before stands where the page sends nothing: it may have been answered on another device.
        """
        survey = sheet = None
        if self._is_sig_survey(survey_token):
            survey, sheet = self._fetch_from_access_token(survey_token, answer_token)
        if not sheet or not sheet.sig_recipient_id:
            return super().survey_submit(survey_token, answer_token, **post)
        sheet.sig_recipient_id.wave_id._hold_open()
        try:
            with request.env.cr.savepoint() as savepoint:
                ids = {name: post.get(name) for name in ("page_id", "question_id")}
                questions, _page = survey._get_survey_questions(answer=sheet, **ids)
                sent = {name: value for name, value in post.items() if value}
                post = {**post, **sheet._sig_take_saved(questions), **sent}
                result = super().survey_submit(survey_token, answer_token, **post)
                if result[1].get("error"):
                    savepoint.rollback()
        except UserError:  # sent twice
            result = {}, {"error": "unauthorized"}
        return self._explain(result, survey_token, answer_token, submitted=True)

    @http.route(
        "/pqrs/survey/save/<string:survey_token>/<string:answer_token>", type="jsonrpc", auth="public", website=True
    )
    def survey_save(self, survey_token, answer_token, answers, **_post):
        """Save some answers of a survey that goes on: its client is yet to send it.

        :param answers: ``{id of a question: what its page sends}``, empty for an answer that is taken back
        :return: ``{saved: True, invalid: ids of the questions whose answer was not valid}``, or the page that says why
            nothing was saved
        """
        access = self._get_access_data(survey_token, answer_token)
        survey, sheet = access["survey_sudo"], access["answer_sudo"]
        recipient = sheet.sig_recipient_id
        if not isinstance(answers, dict):
            return {"error": "unauthorized"}
        if access["validity_code"] is not True or not recipient or sheet.state != "in_progress":
            return self._explain(({}, {"error": "unauthorized"}), survey_token, answer_token, submitted=True)[1]
        recipient.wave_id._hold_open()
        questions, invalid = survey.question_ids & sheet.predefined_question_ids, []
        with request.env.cr.savepoint():
            sheet.write({"state": "in_progress"})  # meets whoever sends it, or closes the wave, at this moment
            for question in questions.filtered(lambda question: str(question.id) in answers):
                answer, comment = self._extract_comment_from_answers(question, answers[str(question.id)])
                if is_given := bool(answer or comment):
                    invalid += question.validate_question(answer, comment)
                if is_given and question.id not in invalid:
                    sheet._save_lines(question, answer, comment)
                else:
                    sheet._sig_take_saved(question)
        return {"saved": True, "invalid": invalid}

    def _explain(self, result, survey_token, answer_token, submitted=False):
        """Replace an error that core does not explain by the page that does, or by the next page."""
        correct, page = result
        if page.get("error") in (None, "validation"):
            return result
        access = self._get_access_data(survey_token, answer_token)
        answer = access["answer_sudo"]
        recipient, is_open = answer.sig_recipient_id, access["validity_code"] is True
        if not recipient or (is_open and answer.state == "new"):  # a refusal set it back: its link begins it
            return result
        if is_open:
            return correct, self._prepare_question_html(access["survey_sudo"], answer)
        content = request.env["ir.qweb"]._render(
            "sig_pqrs.survey_unavailable_text",
            {**self._get_unavailable_values(recipient, access["validity_code"]), "unsaved": submitted},
        )
        return correct, {
            "has_skipped_questions": False,
            "survey_content": content,
            "survey_progress": False,
            "survey_navigation": "",
            "background_image_url": False,
        }

    def _find_recipient(self, token):
        answers = request.env["survey.user_input"].sudo()
        return answers.search([("access_token", "=", token)], limit=1).sig_recipient_id

    @http.route("/pqrs/survey/<string:token>/decline", **READ_ROUTE)
    def survey_decline(self, token, **_kwargs):
        """Ask for confirmation: opening the page records nothing, because link scanners open links."""
        return self._render_decline(self._find_recipient(token))

    @http.route("/pqrs/survey/<string:token>/decline", **FORM_ROUTE)
    def survey_decline_submit(self, token, **post):
        recipient, reason = self._find_recipient(token), post.get("reason")
        written = {"reason": reason if isinstance(reason, str) else "", "never": "never" in post}
        if not recipient or not self._is_proven(post):
            return self._render_decline(recipient, 400, error=self._describe_unproven(), **written)
        recipient._decline_by_link(**written)
        self._note_writing()
        return self._render_decline(recipient)

    def _render_decline(self, recipient, status=200, **values):
        if not recipient:
            return self._render_unknown()
        company = recipient.company_id
        page = {
            "recipient": recipient,
            "company": company,
            "open": "decline" in recipient.allowed_transitions,
            "refuses_all": recipient._get_respondent().with_company(company).sig_survey_consent == "refused",
            **values,
        }
        return self._render_light("sig_pqrs.survey_decline_page", page, status)

"""The links of mails that rate, ask for a review and save a survey: forged, of something else, and used once more."""

import secrets

ATTACK = "links"


def run(raid):
    rate(raid)
    answer(raid)


def rate(raid):
    """Every rating that waits or was given, and what is no rating."""
    env, csrf = raid.env, raid.caller.get_token()
    ratings = env["rating.rating"].search([("res_model", "=", "sig.pqrs"), ("access_token", "!=", False)], order="id")
    waiting, given = ratings.filtered(lambda rating: not rating.consumed)[-2:], ratings.filtered("consumed")[-3:]
    sheets = env["survey.user_input"].search([("sig_recipient_id", "!=", False)], limit=1)

    def post(step, told, token, **form):
        form = {"rate": "1", "text": "atacado", "feedback": "atacado", **form}
        path = f"/pqrs/rate/{token}{step}"
        raid.attempt(f"{ATTACK}: ratings {told}", f"{path} {form}", lambda: raid.caller.submit(path, form), to_client=True)

    for step in ("", "/review"):
        for token in (secrets.token_urlsafe(), "0", "%25", sheets.access_token, *(rating.access_token[:-1] for rating in ratings[:1])):
            post(step, "forged", token, csrf_token=csrf)
        for rating in waiting | given:
            for proof in ({}, {"csrf_token": "x"}, {"csrf_token": f"{csrf[:-1]}o0"}, {"csrf_token": "ñ"}):
                post(step, "without the session", rating.access_token, **proof)
        for rating in given:
            if not step or rating.res_id not in env["sig.pqrs"].search([("rating_state", "=", "rated")]).ids:
                post(step, "again", rating.access_token, csrf_token=csrf)
    for rating in waiting:
        post("/review", "before it is given", rating.access_token, csrf_token=csrf)
        for value in ("", "0", "6", "-1", "1e0", "NaN", "9" * 400):
            post("", "of no stars", rating.access_token, csrf_token=csrf, rate=value)


def answer(raid):
    """Every sheet that is over, and tokens that do not belong together."""
    env = raid.env
    sheets = env["survey.user_input"].search([("sig_recipient_id", "!=", False)], order="id")
    over = sheets.filtered(lambda sheet: sheet.state == "done" or sheet.sig_recipient_id.state in ("answered", "declined", "excluded"))
    going_on = (sheets - over).filtered(lambda sheet: sheet.sig_recipient_id.wave_id.state == "running")
    surveys = env["survey.survey"].search([("access_token", "!=", False)])

    def save(told, survey_token, answer_token, answers):
        path = f"/pqrs/survey/save/{survey_token}/{answer_token}"
        raid.attempt(f"{ATTACK}: surveys {told}", f"{path} {answers}", lambda: raid.caller.post(path, {"answers": answers}))

    for token in (secrets.token_urlsafe(), "0", *(sheet.access_token[:-1] for sheet in sheets[:1])):
        form = {"csrf_token": raid.caller.get_token(), "reason": "atacado"}
        path = f"/pqrs/survey/{token}/decline"
        raid.attempt(f"{ATTACK}: surveys forged", f"{path} {form}", lambda path=path, form=form: raid.caller.submit(path, form))

    def mark(sheet):
        return {str(question.id): "1" for question in sheet.survey_id.question_ids}

    for sheet in over[-3:] | over[:3]:
        for answers in (mark(sheet), dict.fromkeys(mark(sheet), "")):
            save("again", sheet.survey_id.access_token, sheet.access_token, answers)
    for sheet in going_on[-2:]:
        for survey in (surveys - sheet.survey_id)[:3]:
            save("of another", survey.access_token, sheet.access_token, mark(sheet))
            save("of another", sheet.survey_id.access_token, sheet.access_token, {
                str(question.id): "atacado" for question in survey.question_ids - sheet.survey_id.question_ids
            })  # fmt: skip
        for token in (secrets.token_urlsafe(), sheet.access_token[:-1], "0"):
            save("forged", sheet.survey_id.access_token, token, mark(sheet))
            save("forged", token, sheet.access_token, mark(sheet))
        for answers in ([], "x", 1, None, {"0": "1", "-1": "1", "x": "1", "9" * 30: "1"}):
            save("of no answers", sheet.survey_id.access_token, sheet.access_token, answers)

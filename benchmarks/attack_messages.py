"""Every way to write, notify, attach, schedule and mention, where one may not, as another, or as if to the client."""

import base64

from .attack_judge import CLIENT_SUBTYPES

ATTACK = "messages"
TYPES = ("comment", "notification", "user_notification", "email", "email_outgoing", "auto_comment", "out_of_office")
#: records with a thread, or part of one
THREADS = (
    "sig.pqrs", "sig.pqrs.assignment", "sig.pqrs.identity", "sig.action.plan", "sig.finding", "sig.indicator", "sig.indicator.measure",
    "sig.management.review", "sig.survey.wave", "sig.survey.recipient", "sig.pqrs.mail",
)  # fmt: skip


def run(raid, threads=THREADS):
    env = raid.env
    for model in threads:
        if model not in env:
            continue
        targets = [(id_, False) for id_ in raid.get_foreign(model, 1)]
        own = raid.get_own(model)
        if own:
            targets.append((own, True))
        for id_, mine in targets:
            attack(raid, model, id_, mine, TYPES if model == "sig.pqrs" else ("user_notification",))


def attack(raid, model, id_, mine, types):
    """
    :param mine: whether the role may read it: then only what others would have said, and what the client is shown, counts.
    """
    env, name = raid.env, f"{ATTACK}: {'own' if mine else 'foreign'} records"
    other, client = raid.colleague, raid.client
    note = env.ref("mail.mt_note").id
    subtypes = [env.ref(xmlid).id for xmlid in CLIENT_SUBTYPES]
    partner = raid.role.partner_id
    thread = raid.env[model]._name if hasattr(env[model], "message_post") else None
    parent = env["mail.message"].sudo().search([("partner_ids", "in", partner)], limit=1).id or False
    foreign_message = env["mail.message"].sudo().search([("model", "=", model), ("res_id", "=", id_)], limit=1).id or False
    base = {"model": model, "res_id": id_, "body": "atacado"}

    if not raid.logged_in:  # no method can be called
        routes(raid, name, model, id_, subtypes, other)
        return

    def say(target, method, /, *args, **kwargs):
        return raid.call(name, target, method, *args, to_client=True, **kwargs)

    for message_type in types:
        for subtype in (*subtypes, note):
            say("mail.message", "create", {**base, "message_type": message_type, "subtype_id": subtype})
        say("mail.message", "create", {**base, "message_type": message_type, "author_id": other})
        say("mail.message", "create", {**base, "message_type": message_type, "partner_ids": [[6, 0, [partner]]]})
        say("mail.message", "create", {**base, "message_type": message_type, "parent_id": foreign_message or parent})
        say("mail.message", "create", {**base, "message_type": message_type, "parent_id": parent})
        say("mail.message", "create", {
            **base, "message_type": message_type, "attachment_ids": [[0, 0, {"name": "Respuesta oficial.txt", "raw": "WA=="}]], "subtype_id": subtypes[0],
        })  # fmt: skip
    field = env["ir.model.fields"]._get("sig.pqrs", "state").id
    say("mail.message", "create", {
        **base, "message_type": "user_notification", "tracking_value_ids": [[0, 0, {"field_id": field, "old_value_char": "x", "new_value_char": "y"}]],
    })  # fmt: skip
    say("mail.message", "create", {**base, "message_type": "user_notification", "date": "2020-01-01 00:00:00", "email_from": "directora@example.com"})
    if foreign_message:
        for values in ({"body": "atacado"}, {"subtype_id": subtypes[0]}, {"model": "res.partner", "res_id": partner}, {"author_id": partner}):
            say("mail.message", "write", [foreign_message], values)
        say("mail.message", "unlink", [foreign_message])
        say("mail.message", "toggle_message_starred", [foreign_message])
        say("mail.message", "unstar_all")
        raid.attempt(name, f"/mail/message/update_content {foreign_message}", lambda: raid.caller.post(
            "/mail/message/update_content", {"message_id": foreign_message, "update_data": {"body": "atacado", "attachment_ids": []}, "body": "atacado", "attachment_ids": []},
        ), to_client=True)  # fmt: skip
        raid.attempt(name, f"/mail/message/reaction {foreign_message}", lambda: raid.caller.post(
            "/mail/message/reaction", {"message_id": foreign_message, "content": "x", "action": "add"},
        ))  # fmt: skip
    # a message of one's own that is moved there
    moved = say("mail.message", "create", {"body": "atacado", "model": "res.partner", "res_id": partner, "message_type": "user_notification"})
    if moved.result:
        say("mail.message", "write", [moved.result], {"model": model, "res_id": id_, "subtype_id": subtypes[0]})
        say("mail.message", "write", [moved.result], {"model": model, "res_id": id_, "author_id": other})
    if thread:
        for kwargs in (
            {}, {"message_type": "comment", "subtype_xmlid": "mail.mt_comment"}, {"subtype_xmlid": CLIENT_SUBTYPES[0]}, {"subtype_xmlid": CLIENT_SUBTYPES[1]},
            {"subtype_id": subtypes[0]}, {"author_id": other}, {"author_id": client}, {"email_from": "directora@example.com"},
            {"author_id": other, "message_type": "user_notification"}, {"message_type": "user_notification", "subtype_id": subtypes[0]},
            {"partner_ids": [client], "author_id": partner}, {"outgoing_email_to": "zeta@example.com"}, {"parent_id": parent, "subtype_id": subtypes[0]},
            {"message_type": "email", "incoming_email_cc": "x@example.com"}, {"attachments": [["Respuesta oficial.txt", "x"]], "subtype_id": subtypes[0]},
        ):  # fmt: skip
            say(model, "message_post", [id_], body="atacado", **kwargs)
        for ids in ([id_], []):
            for kwargs in ({}, {"author_id": other}, {"model": model, "res_id": id_}, {"subject": "x", "email_from": "directora@example.com"}):
                for partners in ([client], [other]):
                    say(model, "message_notify", ids, body="atacado", partner_ids=partners, **kwargs)
        say(model, "message_subscribe", [id_], partner_ids=[partner])
        say(model, "message_unsubscribe", [id_], partner_ids=[other])
        say(model, "message_update_content", [id_], foreign_message, body="atacado")
        say(model, "message_post_with_source", [id_], "mail.message_activity_done", subtype_xmlid=CLIENT_SUBTYPES[0])
        say(model, "message_mail_with_source", [id_], "mail.message_activity_done")
        say(model, "activity_schedule", [id_], summary="atacado", user_id=raid.role.uid)
        say(model, "activity_feedback", [id_], ["mail.mail_activity_data_todo"], feedback="atacado")
        say(model, "message_change_thread", [id_], [id_])
        for values in ({"message_ids": [[0, 0, {"body": "atacado", "message_type": "user_notification", "subtype_id": subtypes[0]}]]},
                       {"activity_ids": [[0, 0, {"summary": "atacado", "activity_type_id": 4, "res_model_id": env["ir.model"]._get_id(model)}]]},
                       {"message_follower_ids": [[0, 0, {"partner_id": partner, "res_model": model}]]}):  # fmt: skip
            say(model, "write", [id_], values)
    for mode in ("comment", "mass_mail"):
        for extra in ({}, {"subtype_id": subtypes[0]}, {"author_id": other}, {"email_from": "directora@example.com", "partner_ids": [[6, 0, [client]]]}):
            composer = say("mail.compose.message", "create", {
                "model": model, "res_ids": str([id_]), "body": "atacado", "composition_mode": mode, **extra,
            })  # fmt: skip
            if composer.result:
                say("mail.compose.message", "action_send_mail", [composer.result])
    say("mail.scheduled.message", "create", {
        "model": model, "res_id": id_, "body": "atacado", "scheduled_date": "2030-01-01 00:00:00", "author_id": partner,
    })  # fmt: skip
    scheduled = say("mail.scheduled.message", "create", {
        "model": model, "res_id": id_, "body": "atacado", "scheduled_date": "2030-01-01 00:00:00", "author_id": other,
        "send_context": {"message_type": "user_notification"}, "notification_parameters": f'{{"subtype_id": {subtypes[0]}, "author_id": {other}}}',
    })  # fmt: skip
    if scheduled.result:
        say("mail.scheduled.message", "post_message", [scheduled.result])
    say("mail.activity", "create", {
        "res_model_id": env["ir.model"]._get_id(model), "res_id": id_, "summary": "atacado", "activity_type_id": 4, "user_id": raid.role.uid,
    })  # fmt: skip
    say("mail.followers", "create", {"res_model": model, "res_id": id_, "partner_id": partner})
    say("mail.mail", "create", {"model": model, "res_id": id_, "body_html": "atacado", "email_to": "zeta@example.com"})
    say("rating.rating", "create", {"res_model_id": env["ir.model"]._get_id(model), "res_model": model, "res_id": id_, "rating": 1})
    say("ir.attachment", "create", {"name": "atacado.txt", "raw": "WA==", "res_model": model, "res_id": id_})
    routes(raid, name, model, id_, subtypes, other)


def routes(raid, name, model, id_, subtypes, other):
    """Doors of core that are no method of a model."""
    def post(path, params):
        return raid.attempt(name, f"{path} {params}", lambda: raid.caller.post(path, params), to_client=True)

    for extra in ({}, {"subtype_xmlid": CLIENT_SUBTYPES[0]}, {"message_type": "user_notification"}, {"author_id": other}, {"subtype_id": subtypes[0]}):
        post("/mail/message/post", {
            "thread_model": model, "thread_id": id_, "post_data": {"body": "atacado", "message_type": "comment", "partner_ids": [other], **extra},
        })  # fmt: skip
    thread = {"thread_model": model, "thread_id": id_}
    for path in ("/mail/thread/messages", "/mail/thread/data", "/mail/thread/recipients", "/mail/data", "/mail/chatter_fetch", "/mail/avatar_card/get_user_info"):
        post(path, {**thread, "request_list": ["messages", "activities", "attachments", "followers"], "fetch_params": [], "access_params": {}})
    post("/mail/thread/subscribe", {"res_model": model, "res_id": id_, "partner_ids": [other]})
    post("/mail/read_subscription_data", {"follower_id": 1})
    post("/mail/data", {"fetch_params": [["mail.thread", {**thread, "request_list": ["messages", "activities", "attachments", "followers"]}]]})
    post("/mail/data", {"fetch_params": [["/mail/thread/messages", thread]]})
    token = raid.caller.get_token()
    data = {"thread_id": id_, "thread_model": model, "csrf_token": token}
    file = {"ufile": ("Respuesta oficial.txt", b"atacado", "text/plain")}
    raid.attempt(name, f"/mail/attachment/upload {model} {id_}", lambda: raid.caller.submit("/mail/attachment/upload", data, file))
    raid.attempt(name, f"/web/binary/upload_attachment {model} {id_}", lambda: raid.caller.submit(
        "/web/binary/upload_attachment", {"model": model, "id": id_, "csrf_token": token}, file,
    ))  # fmt: skip
    post("/html_editor/attachment/add_data", {"name": "x.txt", "data": base64.b64encode(b"atacado").decode(), "res_model": model, "res_id": id_, "is_image": False})
    post("/html_editor/attachment/add_url", {"url": "http://example.com/x", "res_model": model, "res_id": id_})
    for path in (f"/mail/view?model={model}&res_id={id_}", f"/mail/thread/{model}/{id_}", f"/odoo/{model}/{id_}", *([f"/my/pqrs/{id_}"] if model == "sig.pqrs" else [])):
        raid.attempt(name, path, lambda path=path: raid.caller.get(path))

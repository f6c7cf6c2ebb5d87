"""Files: what is foreign cannot be linked, and what was approved, sent or filed, or proves something, stays what it is."""

import base64

NEW = base64.b64encode(b"atacado").decode()


def run(raid):
    link_foreign(raid)
    if raid.logged_in:
        change_kept(raid)


def link_foreign(raid):
    """A file of others, linked from whatever has files: who reads the record would read the file."""
    env = raid.env
    for file in raid.get_foreign("ir.attachment", 1):
        for path in (f"/web/content/{file}", f"/web/image/{file}", f"/web/content/ir.attachment/{file}/raw", f"/web/content/{file}?download=1"):
            raid.attempt("files: foreign", path, lambda path=path: raid.caller.get(path))
        if not raid.logged_in:
            continue
        for model in raid.judge.models:
            own = raid.get_own(model)
            for name, field in env[model]._fields.items():
                if field.comodel_name != "ir.attachment" or field.type == "one2many":
                    continue
                value = file if field.type == "many2one" else [[4, file]]
                attempts = [("create", [{name: value}])]
                if own:
                    attempts.append(("write", [[own], {name: value}]))
                    attempts.append(("web_save", [[own], {name: value}, {name: {"fields": {"name": {}}} if field.type != "many2one" else {}}]))
                for method, arguments in attempts:
                    raid.call("files: foreign", model, method, *arguments)
            if own and hasattr(env[model], "message_post"):
                raid.call("files: foreign", model, "message_post", [own], body="x", attachment_ids=[file])
                raid.attempt("files: foreign", f"/mail/message/post {model} {own} attachment {file}", lambda model=model, own=own, file=file: raid.caller.post(
                    "/mail/message/post", {"thread_model": model, "thread_id": own, "post_data": {"body": "x", "attachment_ids": [file]}},
                ))  # fmt: skip
                raid.call("files: foreign", model, "write", [own], {"message_main_attachment_id": file})
        raid.call("files: foreign", "mail.message", "create", {"body": "x", "message_type": "user_notification", "attachment_ids": [[4, file]]})
        raid.call("files: foreign", "ir.attachment", "copy", [file])
        raid.call("files: foreign", "ir.attachment", "generate_access_token", [file])
        raid.call("files: foreign", "ir.attachment", "create", {"name": "x", "original_id": file})
        raid.call("files: foreign", "ir.attachment", "read", [file], ["name", "raw", "access_token"])


def change_kept(raid):
    """Files that count, by every door; also those that one may read."""
    readable = raid.role.readable.get("ir.attachment", set())
    kept = sorted(raid.judge.kept_files & readable)[-3:] + sorted(raid.judge.kept_files - readable)[-1:]
    changes = (
        {"raw": NEW}, {"datas": NEW}, {"name": "otro.txt"}, {"res_model": False, "res_id": 0}, {"res_model": "res.partner", "res_id": 1},
        {"public": True}, {"type": "url", "url": "http://example.com"}, {"mimetype": "text/html"}, {"res_field": "x"}, {"db_datas": NEW},
        {"store_fname": "x"}, {"checksum": "x"},
    )  # fmt: skip
    for file in kept:
        for values in changes:
            raid.call("files: kept", "ir.attachment", "write", [file], values)
        raid.call("files: kept", "ir.attachment", "web_save", [file], {"name": "otro.txt"}, {"name": {}})
        raid.call("files: kept", "ir.attachment", "unlink", [file])
        raid.attempt("files: kept", f"/mail/attachment/delete {file}", lambda file=file: raid.caller.post("/mail/attachment/delete", {"attachment_id": file}))
        raid.attempt("files: kept", f"/html_editor/attachment/remove {file}", lambda file=file: raid.caller.post("/html_editor/attachment/remove", {"ids": [file]}))
        raid.attempt("files: kept", f"/html_editor/modify_image {file}", lambda file=file: raid.caller.post(
            f"/html_editor/modify_image/{file}", {"data": NEW, "name": "otro.png", "mimetype": "image/png"},
        ))  # fmt: skip
        by_commands(raid, file)


def by_commands(raid, file):
    """Through the records that have the file."""
    env = raid.env
    for model in raid.judge.models:
        for name, field in env[model]._fields.items():
            if field.comodel_name != "ir.attachment" or field.type != "many2many" or not field.store:
                continue
            for record in env[model].sudo().with_context(active_test=False).search([(name, "in", [file])], limit=2):
                if model == "sig.pqrs.assignment" and record.state != "approved":
                    continue
                for command in ([1, file, {"raw": NEW}], [1, file, {"name": "otro.txt"}], [2, file], [3, file], [5], [6, 0, []]):
                    if model == "sig.pqrs.assignment" and record.pqrs_id.state not in ("closed", "withdrawn"):
                        continue  # to take an annex out of an open draft is to edit it: that voids its approval
                    raid.call("files: kept", model, "write", [record.id], {name: [command]})

"""Every public method of every model and dialog, on records that one may not read."""

import inspect

ATTACK = "methods"
#: of all that every model has, what reads or writes
GENERAL = {
    "action_archive": [], "action_unarchive": [], "copy": [], "copy_data": [], "export_data": [["id", "display_name"]],
    "get_field_translations": ["display_name"], "get_metadata": [], "read": [], "unlink": [], "web_read": [{"display_name": {}}],
    "web_resequence": [{"display_name": {}}],
}  # fmt: skip
PREFIXES = ("sig.", "mail.", "rating.", "survey.", "portal.", "privacy.")
OTHERS = ("ir.attachment", "res.partner", "res.company", "res.users")
#: of those, what says nothing of records, or is no business of ours
LEFT_OUT = ("mail.push", "mail.guest", "mail.ice", "mail.gif", "mail.link", "mail.presence", "mail.canned")
#: of a user: to change one's own password, or go out, would end the attack
SKIPPED = {"change_password", "action_revoke_all_devices", "session_destroy", "preference_change_password"}


def get_models(env):
    return [
        name for name, model in sorted(env.registry.items())
        if (name.startswith(PREFIXES) or name in OTHERS) and not name.startswith(LEFT_OUT) and not model._abstract
    ]  # fmt: skip


def get_methods(env, model):
    """``{name: signature}`` of what can be called, less what every model has."""
    found = {}
    for cls in type(env[model]).mro():
        if cls.__module__.startswith("odoo.orm") or cls.__module__ == "odoo.models":
            continue
        if not getattr(cls, "_name", None) and not getattr(cls, "_inherit", None):
            continue
        if getattr(cls, "_name", None) == "base" or getattr(cls, "_inherit", None) == "base":
            continue
        for name, method in vars(cls).items():
            if inspect.isfunction(method) and not name.startswith("_"):
                found.setdefault(name, method)
    return {
        name: method for name, method in sorted(found.items())
        if not any(getattr(getattr(cls, name, None), "_api_private", False) for cls in type(env[model]).mro())
        and name not in SKIPPED and not hasattr(getattr(method, "__wrapped__", None), "_never")
    }  # fmt: skip


def fill(raid, model, parameter, ids):
    """A value for an argument, by its name."""
    name = parameter.name
    partner, user = raid.role.partner_id, raid.role.uid
    values = {
        "vals": {}, "values": {}, "vals_list": [{}], "domain": [("id", "in", ids)], "fields": ["display_name"], "fields_spec": {"display_name": {}},
        "specification": {"display_name": {}}, "field_names": [], "user_id": user, "partner_ids": [partner],
        "partner_id": partner, "res_ids": ids, "res_id": ids and ids[0], "res_model": model, "model": model, "body": "atacado",
        "rate": 1, "days": 5, "date": "2026-11-24", "date_deadline": "2026-12-24", "kind": "spam", "limit": 10, "groupby": [], "aggregates": ["__count"],
        "attachment_ids": raid.get_foreign("ir.attachment", 1), "attachments": raid.get_foreign("ir.attachment", 1),
        "message_id": (raid.get_foreign("mail.message", 1) or [0])[0], "subtype_ids": [1], "process_id": 1, "type_id": 1,
        "assignments": [{"process_id": 1}], "delivery": "letter", "capacity": "holder", "evidence": "x", "proof": "atacado",
        "email_from": "zeta@example.com", "thread_id": ids and ids[0], "custom_values": {}, "message": "From: a@b.co\n\nx",
        "act_type_xmlid": "mail.mail_activity_data_todo", "activity_type_id": 4, "template_id": 1, "note": "atacado", "summary": "atacado",
    }  # fmt: skip
    return values.get(name, "atacado")


def get_arguments(raid, model, method, ids):
    """The arguments that a method must have, and then all that are known, by name."""
    parameters = list(inspect.signature(method).parameters.values())[1:]
    required = [each for each in parameters if each.default is each.empty and each.kind == each.POSITIONAL_OR_KEYWORD]
    optional = [each for each in parameters if each.default is not each.empty and each.kind in (each.POSITIONAL_OR_KEYWORD, each.KEYWORD_ONLY)]
    yield {each.name: fill(raid, model, each, ids) for each in required}
    known = {each.name: fill(raid, model, each, ids) for each in optional if fill(raid, model, each, ids) != "atacado"}
    if known:
        yield {**{each.name: fill(raid, model, each, ids) for each in required}, **known}


def run(raid, models=None):
    for model in models or get_models(raid.env):
        if raid.env[model]._transient:
            run_dialog(raid, model)
            continue
        ids = raid.get_foreign(model)
        if not ids:
            continue
        for name, method in get_methods(raid.env, model).items():
            own = [] if getattr(method, "_api_model", False) else [ids]
            for arguments in get_arguments(raid, model, method, ids):
                raid.call(ATTACK, model, name, *own, **arguments)
        for name, arguments in GENERAL.items():
            raid.call(ATTACK, model, name, ids, *arguments)
        write_texts(raid, model, ids)


def write_texts(raid, model, ids):
    """Write one field after another, by two doors."""
    names = [
        name for name, field in raid.env[model]._fields.items()
        if field.store and field.type in ("char", "text", "html", "boolean", "integer") and name not in ("id",)
    ]  # fmt: skip
    for name in names[:6]:
        value = "atacado" if raid.env[model]._fields[name].type in ("char", "text", "html") else 1
        raid.call(ATTACK, model, "write", ids, {name: value})
    raid.call(ATTACK, model, "web_save", ids[:1], {names[0]: "atacado"}, specification={"display_name": {}})


def run_dialog(raid, model):
    """A dialog that was opened over what one may not read, and all its buttons."""
    values, context = get_foreign_values(raid, model), {}
    for name in ("pqrs_id", "pqrs_ids", "res_id"):
        if name in values:
            context = {"active_model": "sig.pqrs", "active_id": raid.get_foreign("sig.pqrs", 1)[:1]}
    methods = {name: method for name, method in get_methods(raid.env, model).items() if name.startswith(("action_", "button_", "do_"))}
    for field, value in values.items():
        answer = raid.call(f"{ATTACK}: dialogs", model, "create", {**fill_required(raid, model), field: value}, context=context)
        if not answer.result:
            continue
        raid.call(f"{ATTACK}: dialogs", model, "web_read", [answer.result], get_specification(raid.env, model))
        for name, method in methods.items():
            for arguments in get_arguments(raid, model, method, [answer.result]):
                raid.call(f"{ATTACK}: dialogs", model, name, [answer.result], **arguments)


def fill_required(raid, model):
    """Texts and choices that a dialog must have."""
    values = {}
    for name, field in raid.env[model]._fields.items():
        if field.required and field.store and not field.compute and name not in ("id", "create_uid", "write_uid"):
            if field.type in ("char", "text", "html"):
                values[name] = "atacado"
            elif field.type == "selection":
                values[name] = field.get_values(raid.env)[0]
            elif field.type == "date":
                values[name] = "2026-12-24"
    return values


def get_foreign_values(raid, model):
    """``{field: what one may not read}`` of the fields that name records."""
    values = {}
    for name, field in raid.env[model]._fields.items():
        if field.type in ("many2one", "many2many") and name not in ("create_uid", "write_uid"):
            ids = raid.get_foreign(field.comodel_name, 1)
            if ids:
                values[name] = ids[0] if field.type == "many2one" else [[6, 0, ids]]
    return values


def get_specification(env, model):
    """All fields, with the names of records."""
    return {
        name: {"fields": {"display_name": {}}} if field.relational else {}
        for name, field in env[model]._fields.items()
        if field.type not in ("binary", "properties", "properties_definition", "reference")
    }  # fmt: skip

"""Forms that are being filled in, and their defaults, with records that one may not read."""

from .attack_methods import get_foreign_values, get_models, get_specification

#: fields by which a record of any model is named
PAIRS = (("res_model", "res_id"), ("model", "res_id"), ("model", "res_ids"), ("res_model", "res_ids"))


def run(raid, models=None):
    models = models or get_models(raid.env)
    for model in models:
        specification = get_specification(raid.env, model)
        foreign = get_foreign_values(raid, model)
        for name, value in foreign.items():
            for given in (value, {"id": value}) if isinstance(value, int) else (value,):  # core takes both for a record
                raid.call("forms: onchange", model, "onchange", [], {name: given}, [name], specification)
        defaults = {f"default_{name}": value for name, value in foreign.items()}
        own = raid.get_own(model)
        if own and foreign:
            for name, value in foreign.items():
                raid.call("forms: onchange", model, "onchange", [own], {name: value}, [name], specification)
        if raid.env[model]._transient:
            for active in ("sig.pqrs", "sig.pqrs.assignment", "sig.survey.wave", "sig.finding", "sig.action.plan", "sig.management.review"):
                for id_ in raid.get_foreign(active, 1):
                    context = {"active_model": active, "active_id": id_, "active_ids": [id_]}
                    for step in get_steps(raid, model):
                        raid.call("forms: defaults", model, "default_get", list(specification), context={**context, **step})
                        raid.call("forms: defaults", model, "onchange", [], {}, [], specification, context={**context, **step})
        if defaults:
            raid.call("forms: defaults", model, "default_get", list(specification), context=defaults)
            raid.call("forms: defaults", model, "onchange", [], {}, [], specification, context=defaults)
        run_pairs(raid, model, specification)


def get_steps(raid, model):
    field = raid.env[model]._fields.get("step")
    if field is None or field.type != "selection":
        return [{}]
    return [{"default_step": step} for step in field.get_values(raid.env)]


def run_pairs(raid, model, specification):
    """Any record, named by its model and its id."""
    fields = raid.env[model]._fields
    for name_of_model, name_of_id in PAIRS:
        if name_of_model not in fields or name_of_id not in fields:
            continue
        for foreign in raid.judge.models:
            for id_ in raid.get_foreign(foreign, 1):
                named = str([id_]) if fields[name_of_id].type in ("char", "text") else id_
                values = {name_of_model: foreign, name_of_id: named}
                if "res_model_id" in fields and model != "rating.rating":
                    values["res_model_id"] = raid.env["ir.model"]._get_id(foreign)
                raid.call("forms: any record by its id", model, "onchange", [], values, list(values), specification)
                context = {f"default_{name}": value for name, value in values.items()}
                raid.call("forms: any record by its id", model, "onchange", [], {}, [], specification, context=context)

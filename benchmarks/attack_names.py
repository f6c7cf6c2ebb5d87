"""What a record is called, and what can be guessed of it by searching and grouping."""

from .attack_methods import get_models

ATTACK = "names"
MAX_FIELDS = 40


def run(raid, models=None):
    for model in models or get_models(raid.env):
        env_model = raid.env[model]
        if env_model._transient:
            continue
        named = [
            (name, field) for name, field in env_model._fields.items()
            if field.type == "many2one" and field.store and field.comodel_name in raid.judge.ids and name not in ("create_uid", "write_uid")
        ][:MAX_FIELDS]  # fmt: skip
        if ids := raid.get_foreign(model):
            domain = [["id", "in", ids]]
            raid.call(ATTACK, model, "name_search", "", domain)
            raid.call(ATTACK, model, "search_read", domain, ["display_name"])
            raid.call(ATTACK, model, "web_search_read", domain, {"display_name": {}})
            raid.call(ATTACK, model, "web_name_search", "", {"display_name": {}}, domain=domain)
            raid.call(ATTACK, model, "formatted_read_group", domain, ["display_name"] if "display_name" in named else ["id"], ["__count"])
            for name in ("res_name", "record_name"):
                if name in env_model._fields:
                    raid.call(ATTACK, model, "search_read", [], [name], limit=500)
        if raid.role.readable.get(model):
            specification = {name: {"fields": {"display_name": {}}} for name, _field in named}
            raid.call(ATTACK, model, "web_search_read", [], specification, limit=200)
            own = sorted(raid.role.readable[model])[-50:]
            raid.call(ATTACK, model, "export_data", own, [f"{name}/display_name" for name, _field in named] or ["id"])
            for name, _field in named:
                raid.call(ATTACK, model, "formatted_read_group", [], [name], ["__count"])
                raid.call(ATTACK, model, "web_read_group", [], [name])
            guess(raid, model)


def guess(raid, model):
    """Whether a search through a record that one may read finds what is written on one that one may not."""
    for name, field in raid.env[model]._fields.items():
        comodel = field.comodel_name
        if not field.relational or comodel not in raid.judge.canaries.models or not (field.store or field.search):
            continue
        column = next(raid.judge.canaries.get_columns(comodel), None)
        foreign = raid.judge.get_foreign(raid.login, comodel)
        if not column or not foreign:
            continue
        # that which names records that one may not read, alone
        mine = sorted(raid.role.readable[model])
        records = raid.env[model].sudo().with_context(active_test=False).browse(mine)
        if not field.store:
            continue
        naming = records.filtered(lambda record, name=name, foreign=set(foreign): foreign & set(record[name].ids))[:1]
        for record in naming:
            other = next(id_ for id_ in record[name].ids if id_ in set(foreign))
            domain = [["id", "=", record.id], [f"{name}.{column[0]}", "ilike", raid.judge.canaries.get_mark(comodel, other)]]
            told = f"{model}.search_count({domain})"

            def call(model=model, domain=domain):
                return raid.caller.call(model, "search_count", domain)

            answer = raid.attempt("names: guessed by searching", told, call)
            if answer.result:
                raid.book.note("names: guessed by searching", raid.login, told, [f"it is found: {comodel} {other}"])

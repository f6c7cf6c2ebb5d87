"""Names of our records are for who reads the records. Core computes them as superuser in forms, and on messages,
activities, ratings and files; for lists, groups and exports, see `sig.output.mixin`.
"""

from odoo import SUPERUSER_ID, api, models

#: value of the context key ``sig_step`` while a step writes; calls from outside cannot pass this object
STEP = object()

#: models whose names hold texts of petitioners
OURS = ("sig.", "survey.user_input")

#: instead of a name
HIDDEN = "—"

#: these, and models of core whose names hold what people wrote
TELLING = (
    *OURS,
    "ir.attachment", "mail.activity", "mail.mail", "mail.message", "mail.scheduled.message", "rating.rating",
)  # fmt: skip


class Base(models.AbstractModel):
    _inherit = "base"

    def _sig_as_step(self):
        return self.with_context(sig_step=STEP)

    def _sig_is_step(self):
        """Whether a step of ours or the system acts; ``su`` tells neither: core deletes as superuser for users."""
        return self.env.uid == SUPERUSER_ID or self.env.context.get("sig_step") is STEP

    def _sig_filter_named(self):
        """Records whose names the user may know, also under sudo."""
        if not self._name.startswith(TELLING) or self.env.uid == SUPERUSER_ID:
            return self
        return self.sudo(False)._filtered_access("read").with_env(self.env)

    def _sig_get_links(self, names, is_filled_in=False):
        """``{many2one: model}`` of ``names`` that may name what the user may not read: any, in new form or dialog."""
        models = TELLING if is_filled_in or self._transient else OURS
        fields = {name: self._fields.get(name) for name in names}
        return {
            name: field.comodel_name
            for name, field in fields.items()
            if field and field.type == "many2one" and field.comodel_name.startswith(models)
        }

    @api.readonly
    def web_read(self, specification):
        rows = super().web_read(specification)
        if not self.env.su:
            shown = [name for name, spec in specification.items() if spec and "display_name" in spec.get("fields", ())]
            for name, model in self._sig_get_links(shown, is_filled_in=not all(self._ids)).items():
                values = [row[name] for row in rows if row[name]]
                named = values and self.env[model].browse({value["id"] for value in values})._sig_filter_named()._ids
                for value in values:
                    if value["id"] not in named:
                        value["display_name"] = HIDDEN
        return rows

    def _sig_hide_names(self, rows, names=None):
        """Hide names in rows with pairs of id and name; ``names`` are fields, all of the rows by default."""
        if rows and not self.env.su:
            for name, model in self._sig_get_links(rows[0] if names is None else names).items():
                ids = {row[name][0] for row in rows if row[name]}
                named = self.env[model].browse(ids)._sig_filter_named()._ids
                for row in rows:
                    if row[name] and row[name][0] not in named:
                        row[name] = (row[name][0], HIDDEN)
        return rows

    def _sig_hide_unreadable(self, model_field, name_field):
        """Empty a computed name of the record in ``model_field`` and ``res_id``."""
        for model, rows in self.filtered(model_field).grouped(model_field).items():
            if model.startswith(TELLING) and model in self.env:
                named = self.env[model].browse(set(rows.mapped("res_id")) - {False})._sig_filter_named()._ids
                rows.filtered(lambda row, ids=named: row.res_id not in ids)[name_field] = False

    def _sig_hide_new(self, model_field, name_field):
        """The same in new forms; stored records have rights of their own."""
        self.filtered(lambda record: not record.id)._sig_hide_unreadable(model_field, name_field)

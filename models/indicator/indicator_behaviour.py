from markupsafe import Markup

from odoo import api, fields, models
from odoo.tools import formatLang


class MeasureBehaviour(models.Model):
    """The behaviour table of the main indicator: how its cases are spread, as they were when it was measured."""

    _inherit = "sig.indicator.measure"

    behaviour = fields.Html(compute="_compute_behaviour", sanitize=False)

    @api.depends("value", "has_data")
    @api.depends_context("lang")
    def _compute_behaviour(self):
        for measure in self:
            tables = [measure._render_behaviour(title, rows) for title, rows in measure._get_behaviour_rows()]
            measure.behaviour = Markup().join(tables) if tables else False

    def _get_behaviour_rows(self):
        """``[(title of the dimension, [(name, all, on time)])]``, the largest first."""
        detail = self.sudo().detail or {}
        return [
            (self._get_dimension_title(dimension), self._name_rows(dimension, rows))
            for dimension, rows in detail.items()
            if rows
        ]

    @api.model
    def _get_dimension_title(self, dimension):
        return self.env["sig.pqrs"]._fields[dimension]._description_string(self.env)

    @api.model
    def _name_rows(self, dimension, rows):
        names = self.env["sig.pqrs"]._name_values(dimension, [value for value, _total, _hits in rows])
        named = [(names[value], total, hits) for value, total, hits in rows]
        return sorted(named, key=lambda row: (-row[1], row[0]))

    def _render_behaviour(self, title, rows):
        cell = Markup('<td class="text-end">%s</td>')
        body = Markup().join(
            Markup("<tr><td>%s</td>%s%s%s%s</tr>")
            % (
                name,
                cell % total,
                cell % hits,
                cell % (total - hits),
                cell % f"{formatLang(self.env, hits / total * 100, digits=1)}\u00a0%",
            )
            for name, total, hits in rows
        )
        heads = [self.env._("Cases due"), self.env._("On time"), self.env._("Late or overdue"), self.env._("% on time")]
        head = Markup().join(Markup('<th class="text-end">%s</th>') % text for text in heads)
        table = Markup('<table class="table table-sm"><thead><tr><th>%s</th>%s</tr></thead><tbody>%s</tbody></table>')
        return table % (title, head, body)


class PqrsBehaviour(models.Model):
    _inherit = "sig.pqrs"

    @api.model
    def _name_values(self, name, values):
        """``{value: how people read it}`` of a field; an empty value, and what is gone, are without data.

        :param values: of a relational field ids, also as texts.
        """
        field = self._fields[name]
        if field.relational:
            known = self.env[field.comodel_name].sudo().with_context(active_test=False)
            ids = {value: int(value) for value in values if value}
            found = {record.id: record.display_name for record in known.browse(set(ids.values())).exists()}
            names = {value: found.get(id_) for value, id_ in ids.items()}
        else:
            names = dict(field._description_selection(self.env))
        missing = self.env._("Without data")
        return {value: names.get(value) or missing for value in values}

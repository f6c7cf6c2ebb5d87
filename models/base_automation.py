from odoo import api, models
from odoo.tools import ormcache


class BaseAutomation(models.Model):
    """Rules of a model are looked up once, and not at each create, write and computation of its records.

    The escalation of what is overdue is such a rule: without this it makes a third of the queries of a new PQRS.
    """

    _inherit = "base.automation"

    def _get_actions(self, records, triggers):
        if "__action_done" not in self.env.context:
            self = self.with_context(__action_done={})  # noqa: PLW0642 as in the method that is extended
        return self.browse(self._get_action_ids(records._name, tuple(triggers)))

    @api.model
    @ormcache("model_name", "triggers")
    def _get_action_ids(self, model_name, triggers):
        # What other addons look up is what is kept.
        return tuple(super()._get_actions(self.env[model_name], triggers).ids)  # pylint: disable=super-method-mismatch

    def _update_registry(self):
        self.env.registry.clear_cache()
        return super()._update_registry()

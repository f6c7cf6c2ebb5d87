from odoo import api, models
from odoo.tools import ormcache
from odoo.tools.func import reset_cached_properties


class BaseAutomation(models.Model):
    """Rules that do not slow down the models they watch.

    Those of a model are looked up once, and not at each create, write and computation of its records. The escalation of
    what is overdue is such a rule: without this it makes a third of the queries of a new PQRS.
    """

    _inherit = "base.automation"

    def _get_actions(self, records, triggers):
        if "__action_done" not in self.env.context:
            self = self.with_context(__action_done={})
        return self.browse(self._get_action_ids(records._name, tuple(triggers)))

    @api.model
    @ormcache("model_name", "triggers")
    def _get_action_ids(self, model_name, triggers):
        # What other addons look up is what is kept: the method above would ask here again.
        return tuple(super()._get_actions(self.env[model_name], triggers).ids)  # pylint: disable=super-method-mismatch

    def _process(self, records, domain_post=None):
        """Let go of the environments that server actions leave behind, one a record.

        Each is held by its own cached user and company, and the transaction compares every new one with all that are
        left: the work would grow with the square of what was done before.
        """
        result = super()._process(records, domain_post=domain_post)
        if records:
            for env in list(self.env.transaction.envs):
                reset_cached_properties(env)
        return result

    def _update_registry(self):
        self.env.registry.clear_cache()
        return super()._update_registry()

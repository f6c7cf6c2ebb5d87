from odoo.addons.rpc.controllers.json2 import WebJson2Controller
from odoo.http import request, route


class ApiController(WebJson2Controller):
    @route()
    def web_json_2_rpc(self, __model__, __method__, ids=(), context=None, **kwargs):
        """Programs that send no context are answered in the language of the user of their key."""
        if __model__.startswith("sig."):
            context = {"lang": request.env.user.lang, **(context or {})}
        return super().web_json_2_rpc(__model__, __method__, ids=ids, context=context or {}, **kwargs)

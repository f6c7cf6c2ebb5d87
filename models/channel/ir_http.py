import re

from werkzeug.exceptions import abort

from odoo import models
from odoo.http import request

#: control characters, and folders above
_NO_PATH = re.compile(r"[\x00-\x1f\x7f]|/\.\.?(/|$)")


class IrHttp(models.AbstractModel):
    """What no browser sends is answered, too: core fails at it before any page is asked."""

    _inherit = "ir.http"

    @classmethod
    def _match(cls, path):
        if "/pqrs" in path and _NO_PATH.search(path):
            abort(request.make_response("Bad Request", status=400))
        return super()._match(path)

    @classmethod
    def _dispatch(cls, endpoint):
        if None in request.params:
            request.params = {name: value for name, value in request.params.items() if name is not None}
        return super()._dispatch(endpoint)

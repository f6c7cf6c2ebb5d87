"""Calls of somebody over HTTP, as a browser or a program sends them."""

import json
from typing import NamedTuple


class Answer(NamedTuple):
    status: int
    text: str
    #: what a call by JSON-RPC gave; None when it was refused
    result: object = None


class Caller:
    """Somebody with a session.

    :param session: `requests.Session`.
    """

    def __init__(self, session, address):
        self.session, self.address = session, address

    def log_in(self, database, login):
        answer = self.post("/web/session/authenticate", {"db": database, "login": login, "password": login})
        assert answer.result and answer.result.get("uid"), answer.text[:500]

    def post(self, path, params):
        """A call by JSON-RPC."""
        body = {"jsonrpc": "2.0", "method": "call", "id": 1, "params": params}
        response = self.session.post(
            f"{self.address}{path}", data=json.dumps(body, default=str), headers={"Content-Type": "application/json"}, timeout=120
        )
        try:
            result = response.json().get("result")
        except (ValueError, AttributeError):
            result = None
        return Answer(response.status_code, _read(response), result)

    def call(self, model, method, /, *args, **kwargs):
        """A public method of a model."""
        return self.post(
            f"/web/dataset/call_kw/{model}/{method}", {"model": model, "method": method, "args": list(args), "kwargs": kwargs}
        )

    def get(self, path):
        return self._answer(self.session.get(f"{self.address}{path}", timeout=120, allow_redirects=True))

    def submit(self, path, data, files=None):
        """A form, with the token against CSRF of the session."""
        return self._answer(self.session.post(f"{self.address}{path}", data=data, files=files, timeout=120, allow_redirects=False))

    def get_token(self):
        page = self.get("/pqrs/new").text
        start = page.find('name="csrf_token"')
        return page[start:].split('value="', 1)[1].split('"', 1)[0] if start >= 0 else ""

    def _answer(self, response):
        return Answer(response.status_code, _read(response))


def _read(response):
    """Text of an answer with its escapes undone; none of files and pictures."""
    kind = response.headers.get("Content-Type", "")
    return response.text if kind.startswith(("text/", "application/json")) else ""

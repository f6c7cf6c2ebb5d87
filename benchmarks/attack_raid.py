"""Somebody who tries things, and the book of what was tried and what got through."""

import time
from collections import Counter

#: shown of what got through by one attack
EXAMPLES = 400


class Book:
    """What each attack of each role tried, and what got through, with what was sent."""

    def __init__(self, log=None):
        self.log = log
        self.tries = Counter()
        self.breaches = {}
        self.seconds = Counter()

    def note(self, attack, login, told, found):
        self.tries[attack, login] += 1
        if found and self.log:
            lines = [f"{attack}, as {login}: {told[:500]}", *found[:4]]
            self.log.write("\n    -> ".join(lines) + "\n")
            self.log.flush()
        if found:
            self.breaches.setdefault((attack, login), {}).setdefault(told, found)

    def tell(self):
        """Lines of a table, and then each thing that got through."""
        yield f"{'attack':34}{'role':22}{'tries':>7}  got through"
        for (attack, login), tries in sorted(self.tries.items()):
            yield f"{attack:34}{login:22}{tries:>7}  {len(self.breaches.get((attack, login), ())) or '-'}"
        yield f"{sum(self.tries.values())} tries, {sum(map(len, self.breaches.values()))} got through"
        for (attack, login), found in sorted(self.breaches.items()):
            yield f"\n{attack}, as {login}:"
            for told, what in list(found.items())[:EXAMPLES]:
                yield f"  {told[:600]}"
                for each in what[:4]:
                    yield f"      -> {each[:300]}"


def _shorten(argument):
    text = repr(argument)
    return text if len(text) < 300 else f"{text[:20]}…"


class Raid:
    """One role that attacks.

    :param env: of the superuser, beside the server, to look up what is attacked.
    :param caller: `Caller` with the session of the role.
    """

    def __init__(self, env, judge, journal, caller, login, book):
        self.env, self.judge, self.journal, self.caller, self.login, self.book = env, judge, journal, caller, login, book
        self.role = judge.roles[login]
        self.logged_in = login != "public"
        users = env["res.users"].search([("id", "!=", self.role.uid)])
        #: partners of somebody of the SIG, and of a client
        self.colleague = users.filtered(lambda user: user.has_group("sig_pqrs.group_sig_director"))[-1:].partner_id.id
        self.client = users.filtered(lambda user: user._is_portal())[-1:].partner_id.id

    def get_foreign(self, model, count=2):
        """Some ids that the role may not read: the last, which hang on the scene, and the first."""
        ids = self.judge.get_foreign(self.login, model)
        return list(dict.fromkeys([*ids[-1:], *ids[:1], *ids[1:-1]]))[:count]

    def get_own(self, model):
        """An id that the role may read, or None."""
        return max(self.role.readable.get(model, ()), default=None)

    def attempt(self, attack, told, call, to_client=False):
        """Try something, and note what it told or changed that it should not.

        :param told: how to do it again.
        :param to_client: whether what the client is shown counts, on whatever case.
        :return: the answer.
        """
        began = time.monotonic()
        answer = call()
        self.book.seconds[told.partition("(")[0].partition(" ")[0]] += time.monotonic() - began
        changes = self.journal.read_changes()
        found = self.judge.weigh(self.login, changes)
        found += [f"tells of {model} {id_}" for model, id_ in sorted(self.judge.find_told(self.login, answer.text))]
        if answer.status >= 500:
            found.append(f"the server failed: {answer.status}")
        if to_client:
            found += self.judge.is_to_client(changes)
        self.book.note(attack, self.login, told, found)
        return answer

    def call(self, attack, model, method, /, *args, to_client=False, **kwargs):
        """Call a method of a model, and note what it did."""
        told = f"{model}.{method}({', '.join([*map(_shorten, args), *(f'{name}={_shorten(kwargs[name])}' for name in kwargs)])})"
        return self.attempt(attack, told, lambda: self.caller.call(model, method, *args, **kwargs), to_client)

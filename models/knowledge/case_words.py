import re
from itertools import islice

from odoo import api, models
from odoo.tools import SQL

#: distinct words of a text that are looked for; the subject, which says most, comes first
MOST_LEXEMES = 50

_ADDRESS = re.compile(r"\S+@\S+|(?:https?://|www\.)\S+", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]{3,}")


class CaseWords(models.AbstractModel):
    """The words of texts, as PostgreSQL stems Spanish, without accents and capitals.

    Those of the cases are in the table ``sig_pqrs_words`` (``case_id``, ``words``), so that the rows of cases stay
    narrow. A trigger keeps it: whatever writes a case passes it, erasing too.
    """

    _name = "sig.words"
    _description = "Words of Cases"

    @api.private
    def init(self):
        """Create what is missing, and fill in the words of cases that have none."""
        texts = (
            SQL("concat_ws(' ', %s.subject, %s.description, %s.remedy)", *[SQL.identifier(alias)] * 3)
            for alias in ("new", "sig_pqrs")
        )
        new, own = (SQL("to_tsvector('pg_catalog.spanish', %s)", self._normalize(text)) for text in texts)
        self.env.cr.execute(
            SQL(
                """
                CREATE TABLE IF NOT EXISTS sig_pqrs_words (
                    case_id integer PRIMARY KEY REFERENCES sig_pqrs ON DELETE CASCADE,
                    words tsvector NOT NULL
                );
                CREATE INDEX IF NOT EXISTS sig_pqrs_words_index ON sig_pqrs_words
                    USING gin (words) WITH (gin_pending_list_limit = 512);
                CREATE OR REPLACE FUNCTION sig_pqrs_words() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                    INSERT INTO sig_pqrs_words (case_id, words) VALUES (new.id, %(new)s)
                    ON CONFLICT (case_id) DO UPDATE SET words = excluded.words;
                    RETURN NULL;
                END $$;
                DROP TRIGGER IF EXISTS sig_pqrs_words ON sig_pqrs;
                CREATE TRIGGER sig_pqrs_words AFTER INSERT OR UPDATE OF subject, description, remedy ON sig_pqrs
                    FOR EACH ROW EXECUTE FUNCTION sig_pqrs_words();
                INSERT INTO sig_pqrs_words (case_id, words)
                SELECT id, %(own)s FROM sig_pqrs
                WHERE NOT EXISTS (SELECT FROM sig_pqrs_words WHERE case_id = sig_pqrs.id);
                """,
                new=new,
                own=own,
            )
        )

    def _normalize(self, sql):
        """The `SQL` of a text without capitals and accents, but for the one that the stemmer needs: «-ción»."""
        plain = SQL("translate(lower(%s), 'áéíóúüñÁÉÍÓÚÜÑ', 'aeiouunaeiouun')", sql)  # each more costs every text
        return SQL(r"regexp_replace(%s, '([cs])ion\M', '\1ión', 'g')", plain)

    def _get_text(self, case):
        return "\n".join(filter(None, (case.subject, case.description, case.remedy)))

    def _get_lexemes(self, text):
        """:return: ``{lexeme: the word as it was written}`` of a text, without words that say nothing."""
        words = self._split(text)
        stems, found = self._stem(words), {}
        for word in words:
            if word in stems:
                found.setdefault(stems[word], word)
        return dict(islice(found.items(), MOST_LEXEMES))

    def _split(self, text):
        return list(dict.fromkeys(_WORD.findall(_ADDRESS.sub(" ", text or ""))))

    def _stem(self, words):
        """:return: ``{word: lexeme}``, without stop words; these are written with their accents."""
        query = SQL(
            """SELECT word, (ts_lexize('pg_catalog.spanish_stem', %s))[1] FROM unnest(%s) AS word
                WHERE ts_lexize('pg_catalog.spanish_stem', lower(word)) != '{}'""",
            self._normalize(SQL("word")),
            words,
        )
        return {word: lexeme for word, lexeme in self.env.execute_query(query) if lexeme} if words else {}

    def _expand(self, lexemes, company=None):
        """:return: ``{lexeme: set of it and those that mean the same}``, by the synonyms of a company."""
        groups = self.env["sig.synonym"]._get_groups((company or self.env.company).id)
        return {lexeme: {lexeme}.union(*(group for group in groups if lexeme in group)) for lexeme in lexemes}

#: who led, stood in for and worked in a merged process is who does so in the one that answers for it
PEOPLE = """
    CREATE TEMPORARY TABLE merged ON COMMIT DROP AS
        SELECT id, root_id FROM sig_process WHERE merged_into_id IS NOT NULL AND root_id != id;
    UPDATE sig_process process SET leader_id = root.leader_id
      FROM merged JOIN sig_process root ON root.id = merged.root_id WHERE process.id = merged.id;
    DELETE FROM sig_process_deputy_rel WHERE process_id IN (SELECT id FROM merged);
    INSERT INTO sig_process_deputy_rel (process_id, user_id)
        SELECT merged.id, theirs.user_id FROM merged JOIN sig_process_deputy_rel theirs ON theirs.process_id = root_id;
    DELETE FROM sig_process_member_rel WHERE process_id IN (SELECT id FROM merged);
    INSERT INTO sig_process_member_rel (process_id, user_id)
        SELECT merged.id, theirs.user_id FROM merged JOIN sig_process_member_rel theirs ON theirs.process_id = root_id;
    INSERT INTO sig_process_sig_survey_dimension_rel (sig_survey_dimension_id, sig_process_id)
        SELECT theirs.sig_survey_dimension_id, root_id
          FROM merged JOIN sig_process_sig_survey_dimension_rel theirs ON theirs.sig_process_id = merged.id
        ON CONFLICT DO NOTHING;
"""


def migrate(cr, _version):
    """Processes are no longer merged: those that were stay archived, with the people who read and approve for them."""
    cr.execute(PEOPLE)

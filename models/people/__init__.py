"""Who works on a case and who may read what: processes, absences, hand-over, restriction, reserve of identity."""

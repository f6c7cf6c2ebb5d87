-- Codes, ratings and answers of a copy open the same records in what it was copied from: its links lead to itself. Core
-- takes the domains of the websites away; the address of the database it makes anew only where it makes the copy.
DELETE FROM ir_config_parameter
    WHERE key = 'web.base.url.freeze';
UPDATE ir_config_parameter
   SET value = 'http://localhost:8069'
 WHERE key = 'web.base.url';

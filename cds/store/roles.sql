-- PostgreSQL: the two roles of the decision log, by least privilege. Run once, after the migration,
-- by the owner of the tables (who needs CREATEROLE), in the database and schema of the log:
--     psql -v ON_ERROR_STOP=1 -d decisions -f roles.sql
-- Then: GRANT cramp_cds_writer TO service_account;   -- what `serve` connects as
--       GRANT cramp_cds_eraser TO privacy_account;   -- who may erase a record by its key
-- The owner itself should not be what the service connects as: an owner can drop triggers.

DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'cramp_cds_writer') THEN
    CREATE ROLE cramp_cds_writer NOLOGIN;
  END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'cramp_cds_eraser') THEN
    CREATE ROLE cramp_cds_eraser NOLOGIN;
  END IF;
END $$;

GRANT SELECT ON alembic_version TO cramp_cds_writer;
GRANT SELECT, INSERT ON log_entry, log_key, log_card TO cramp_cds_writer;
GRANT SELECT, INSERT, DELETE ON used_token TO cramp_cds_writer;

GRANT cramp_cds_writer TO cramp_cds_eraser;
GRANT DELETE ON log_key TO cramp_cds_eraser;

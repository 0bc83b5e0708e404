-- Who somebody is does not hang on the name: sessions, tokens and the audit go by an id that never comes again.
alter table tpe_account add column id text;
-- What names are compared by, computed by the manager: lower() depends on the locale of the database. See folded-name.ts.
alter table tpe_account add column name_key text;
-- Changes with a new password and when somebody is signed out everywhere: sessions with another mark are over. No clock is asked.
alter table tpe_account add column sign_out_mark text;
alter table tpe_account drop column sessions_from;
drop index tpe_account_by_name;
alter table tpe_audit add column account_id text;

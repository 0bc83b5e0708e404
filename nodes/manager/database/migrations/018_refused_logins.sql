-- The last logins of a client under this gateway's client id that were refused: since and at in ms since the epoch, count,
-- address, username, reason. Else a gateway with a wrong password would look as if it had never been switched on.
alter table clientid_profile add column refused_login jsonb;

-- What EMQX may know of the gateways: their credentials, and of those only what opens a connection. Its role reads
-- this view and no table. Whatever a client id could do to an access rule such as /tpedm/${clientid}/output is kept
-- out here, and once more in EMQX's own rules.
create view emqx_credential with (security_barrier = true) as
select mqtt_user.clientid, mqtt_user.username, mqtt_user.password as password_hash, mqtt_user.salt,
  -- A superuser of EMQX is bound by no access rule; nothing in our tables can make one.
  false as is_superuser
from mqtt_user join clientid_profile using (clientid)
where mqtt_user.enabled and mqtt_user.username <> '' and mqtt_user.password is not null and mqtt_user.salt is not null
  and btrim(clientid) <> '' and clientid !~ '^\$' and clientid !~ '[+#/\u0001-\u001f\u007f-\u009f]';

-- Made by docker/postgres/20-emqx-role.sh, before or after this: each of the two grants when it finds the other.
do $$
begin
  if exists (select from pg_roles where rolname = 'tpe_emqx_reader') then
    grant select on emqx_credential to tpe_emqx_reader;
  end if;
end
$$;

-- TPEDM stores passwords in the clear and makes no use of salt, whatever is in it. From here on a password is the
-- lower-case hex of sha256(salt || password): EMQX 4 calls it "salt,sha256", EMQX 5 {name = sha256,
-- salt_position = prefix}. What has that form already, because somebody had set EMQX up so, stays as it is.
with plain as materialized (
  select id, replace(gen_random_uuid()::text, '-', '') as salt
  from mqtt_user
  where password is not null and not (coalesce(salt, '') <> '' and password ~ '^[0-9a-f]{64}$')
)
update mqtt_user
set salt = plain.salt,
    password = encode(sha256(convert_to(plain.salt || mqtt_user.password, 'UTF8')), 'hex'),
    credential_changed_at = now()
from plain
where plain.id = mqtt_user.id;

-- TPEDM's delete left the credential of a removed gateway behind, so it could still log in: close it, keep the row.
update mqtt_user set enabled = false
where not exists (select from clientid_profile where clientid_profile.clientid = mqtt_user.clientid);

-- And TPEDM wrote profile and credential one after the other: where the second is missing a closed one takes its
-- place, so that each gateway has one.
insert into mqtt_user (clientid, is_superuser, enabled)
select clientid, false, false from clientid_profile
where not exists (select from mqtt_user where mqtt_user.clientid = clientid_profile.clientid);

-- TPEDM took any client id. One that is no safe level of a topic would reach into the topics of others.
update mqtt_user set enabled = false
where clientid = '' or clientid ~ '^\$' or clientid ~ '[+#/\u0001-\u001f\u007f-\u009f]';

-- The four tables as TPEDM creates them. A database that TPEDM made has them already and keeps its rows. Profiles are facts
-- that a gateway reports about itself: bounded at the door, and of any length here.
create table if not exists mqtt_user (
  id serial primary key,
  clientid varchar(100) unique,
  username varchar(100),
  password varchar(100),
  salt varchar(40),
  is_superuser boolean
);

create table if not exists clientid_profile (
  id serial primary key,
  clientid varchar(100),
  connection_status boolean,
  host_name text,
  model_name text,
  serial_number text,
  firmware_version text,
  bios_version text,
  tpe_version text,
  new_scaned_package text,
  created_at bigint,
  profile_updated_at bigint,
  connection_status_updated_at bigint
);

create table if not exists dm_category (
  id serial primary key,
  name varchar(100)
);

create table if not exists dm_operation (
  id serial primary key,
  categoryid integer,
  name varchar(100),
  command text
);

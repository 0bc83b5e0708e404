-- The four tables as TPEDM creates them. A database that TPEDM made has them already and keeps its rows.
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
  host_name varchar(100),
  model_name varchar(100),
  serial_number varchar(100),
  firmware_version varchar(100),
  bios_version varchar(100),
  tpe_version varchar(100),
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

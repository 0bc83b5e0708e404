-- The last answers to what the page of a gateway shows, by operation. `LAST_ANSWERED` of commands/last-answered.ts has the same ones. It has
-- an order of its own, so that it is not taken for the index of all commands of a gateway, which would be read for what was never asked.
create index tpe_command_last_answers on tpe_command (clientid, operation, (-request_id))
  where state in ('SUCCEEDED', 'FAILED') and operation in (
    'get-device-general-get-device-general', 'get-device-network-wan', 'get-device-ethernets-get-all-device-ethernets',
    'get-device-cellulars-get-all-device-cellulars', 'get-device-wifi', 'get-device-dns-get-device-dns', 'get-apps-get-all-apps');

-- How the installations of the last days ended, and which of them are to be tried again.
create index tpe_installation_ended on tpe_installation (ended_at, state) where ended_at is not null;
create index tpe_installation_not_done on tpe_installation (id desc, ended_at)
  where state in ('FAILED', 'TIMED_OUT', 'REJECTED');

-- Gateways that were never connected: nothing is known of their software, and that is no fault of a scan.
alter table tpe_update_scan add column unseen integer not null default 0;

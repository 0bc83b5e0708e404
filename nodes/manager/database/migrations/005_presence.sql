-- What keeps presence true beside EMQX.
alter table clientid_profile
  -- A disconnect that does not say which session it ended (EMQX before 4.3.12 and 5.8.6): ms since the epoch, and its
  -- reason, until the broker was asked how it stands.
  add column suspect_at bigint,
  add column suspect_reason text,
  -- How often it connected, and how often that took over a session that was still open, since a time in ms: tells a
  -- bad link and a client id that two gateways share.
  add column churn_since bigint,
  add column churn_connects integer not null default 0,
  add column churn_takeovers integer not null default 0,
  -- Where the session was that the present one took over.
  add column previous_ip_address text;

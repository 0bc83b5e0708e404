// The keys of EMQX 5.8 that docker/emqx uses, as its own schema has them: a key that is not known there stops EMQX at its
// start. Values are the texts of HOCON; a text may be anything.
const text = { type: 'string', minLength: 1 } as const;
const flag = { enum: ['true', 'false'] } as const;
const count = { type: 'string', pattern: '^[0-9]+$' } as const;
const duration = { type: 'string', pattern: '^([0-9]+(ms|s|m|h|d)|infinity)$' } as const;
const bytes = { type: 'string', pattern: '^[0-9]+(KB|MB|GB)$' } as const;

function object(properties: Record<string, object>, required: string[] = Object.keys(properties)) {
  return { type: 'object', properties, required, additionalProperties: false };
}

function named(content: object) {
  return { type: 'object', patternProperties: { '^[a-z][a-z0-9_]*$': content }, additionalProperties: false };
}

const passwordHash = object({ name: { const: 'sha256' }, salt_position: { const: 'prefix' } });
const listener = object(
  {
    bind: { type: 'string', pattern: '^[0-9.]+:[0-9]+$' },
    enable: flag,
    max_connections: count,
    ssl_options: object({
      cacertfile: text,
      certfile: text,
      keyfile: text,
      verify: { enum: ['verify_none', 'verify_peer'] },
      versions: { type: 'array', items: { enum: ['tlsv1.3', 'tlsv1.2'] } },
    }),
  },
  ['bind'],
);
const connector = object({
  url: { type: 'string', pattern: '^http://[a-z-]+:[0-9]+$' },
  connect_timeout: duration,
  pool_type: { enum: ['random', 'hash'] },
  pool_size: count,
  enable_pipelining: count,
  headers: object({ 'content-type': text, authorization: { type: 'string', pattern: '^Bearer ' } }),
  resource_opts: object({ health_check_interval: duration }),
});
const action = object({
  connector: text,
  parameters: object({ path: text, method: { enum: ['post', 'put', 'get', 'delete'] } }),
  resource_opts: object({
    query_mode: { enum: ['sync', 'async'] },
    worker_pool_size: count,
    inflight_window: count,
    request_ttl: duration,
    max_buffer_bytes: bytes,
    health_check_interval: duration,
  }),
});

export const EMQX_5_SCHEMA = object({
  log: object({
    console: object({ enable: flag, level: { enum: ['debug', 'info', 'notice', 'warning', 'error'] } }),
  }),
  telemetry: object({ enable: flag }),
  dashboard: object({
    listeners: object({ http: object({ bind: count }) }),
    default_password: text,
  }),
  api_key: object({ bootstrap_file: text }),
  mqtt: object({ max_packet_size: bytes, max_clientid_len: count, max_mqueue_len: count }),
  listeners: object({
    ssl: named(listener),
    tcp: named(listener),
    ws: named(listener),
    wss: named(listener),
  }),
  authentication: {
    type: 'array',
    items: {
      oneOf: [
        object({
          mechanism: { const: 'password_based' },
          backend: { const: 'built_in_database' },
          user_id_type: { enum: ['username', 'clientid'] },
          password_hash_algorithm: passwordHash,
          bootstrap_file: text,
          bootstrap_type: { enum: ['hash', 'plain'] },
        }),
        object({
          mechanism: { const: 'password_based' },
          backend: { const: 'postgresql' },
          server: text,
          database: text,
          username: text,
          password: text,
          pool_size: count,
          query: text,
          password_hash_algorithm: passwordHash,
        }),
      ],
    },
  },
  authorization: object({
    no_match: { enum: ['allow', 'deny'] },
    deny_action: { enum: ['ignore', 'disconnect'] },
    cache: object({ enable: flag, max_size: count, ttl: duration }),
    sources: {
      type: 'array',
      items: object({ type: { const: 'file' }, enable: flag, path: text }),
    },
  }),
  connectors: object({ http: named(connector) }),
  actions: object({ http: named(action) }),
  rule_engine: object({
    rules: named(
      object({
        enable: flag,
        sql: text,
        actions: { type: 'array', items: { type: 'string', pattern: '^http:' } },
        description: text,
      }),
    ),
  }),
});

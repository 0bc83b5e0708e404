/** Values that differ from run to run: only their kind is compared. */
const OF_THE_RUN = new Set([
  'ts',
  'timestamp',
  'connected_at',
  'disconnected_at',
  'created_at',
  'publish_received_at',
  'id',
  'port',
  'peername',
  'sockname',
  'uptime',
  'datetime',
  'load1',
  'load5',
  'load15',
]);
/** Counters and the like, of which the stand-in keeps no account. */
const UNCOUNTED = /^(send_|recv_|heap_size|mailbox_len|reductions|process_used|memory_used)/;

/** A body in which what may differ is replaced by what kind of thing it is; so two of them can be compared deeply. */
export function likeness(value: unknown, key = ''): unknown {
  if (Array.isArray(value)) return value.map((item) => likeness(item, key));
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, likeness(inner, name)]));
  }
  if (key === 'rule_id') return 'the name of the rule';
  return OF_THE_RUN.has(key) || UNCOUNTED.test(key) ? kindOf(value) : value;
}

function kindOf(value: unknown): string {
  if (typeof value === 'number') return `number of ${value > 1e11 ? 'ms' : 'any kind'}`;
  if (typeof value !== 'string') return typeof value;
  return value.replace(/[0-9A-F]{32}/, 'id').replace(/\d+/g, '0');
}

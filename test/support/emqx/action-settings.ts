import { dockerFile } from '../docker-files.js';
import { hoconAt, parseHocon } from '../hocon.js';

/** How an HTTP action of EMQX 5 and 6 sends, and what it keeps meanwhile. */
export interface ActionSettings {
  /** `worker_pool_size`: workers with a buffer and a window of their own. */
  workers: number;
  /** `inflight_window`: requests of one worker that are not answered. */
  window: number;
  /** `pool_size` of the connector, whose connections each have one request under way (`enable_pipelining = 1`). */
  connections: number;
  /** `request_ttl`: how long an event is worth sending, ms; Infinity without an end. */
  ttlMs: number;
  /** `max_buffer_bytes` of one worker. */
  bufferBytes: number;
  /** `health_check_interval`, ms: the longest pause before what was not taken is sent again. */
  healthCheckMs: number;
}

/** For tests: what was not taken is sent again soon, and not after 5 s. */
export const LOOKS_OFTEN = { healthCheckMs: 300 };

const UNITS: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, KB: 2 ** 10, MB: 2 ** 20 };

/** What docker/emqx ships for an action and its connector: the stand-in sends as the real one does with it. */
export function shippedSettings(action: 'tpedm_presence' | 'tpedm_messages'): ActionSettings {
  const config = parseHocon(dockerFile('emqx/base.hocon.template'));
  const options = (name: string) =>
    amountOf(String(hoconAt(config, `actions.http.${action}.resource_opts.${name}`)));
  return {
    workers: options('worker_pool_size'),
    window: options('inflight_window'),
    connections: amountOf(String(hoconAt(config, `connectors.http.${action}.pool_size`))),
    ttlMs: options('request_ttl'),
    bufferBytes: options('max_buffer_bytes'),
    healthCheckMs: options('health_check_interval'),
  };
}

/** A number, a time in ms or a size in bytes, as HOCON writes it. */
function amountOf(text: string): number {
  if (text === 'infinity') return Number.POSITIVE_INFINITY;
  const [, digits, unit = ''] = /^([0-9]+)([A-Za-z]*)$/.exec(text) ?? [];
  const factor = unit === '' ? 1 : UNITS[unit];
  if (digits === undefined || factor === undefined) throw new Error(`docker/emqx has an amount of ${text}`);
  return Number(digits) * factor;
}

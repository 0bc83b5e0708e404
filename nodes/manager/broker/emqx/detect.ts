import { TpeError } from '../../shared/tpe-error.js';
import type { EmqxApi } from './api.js';
import { probeV4 } from './api-v4.js';
import { probeV5 } from './api-v5.js';
import type { EmqxHttp } from './http-client.js';

/**
 * Finds out which version of the REST API answers, by a call that only that version has; `first` is tried first. Rejects with UNAVAILABLE
 * if nothing answers, the key is refused, or it is no REST API of EMQX.
 */
export async function detectEmqx(http: EmqxHttp, first: 4 | 5): Promise<EmqxApi> {
  const probes = first === 5 ? [probeV5, probeV4] : [probeV4, probeV5];
  for (const probe of probes) {
    const api = await probe(http);
    if (api !== null) return api;
  }
  throw new TpeError(
    'UNAVAILABLE',
    `EMQX at ${http.place}: what answers there is no REST API of EMQX, or EMQX is still starting. ` +
      'EMQX 5 and 6 have it on port 18083, EMQX 4 on port 8081; give the address without a path of your own.',
  );
}

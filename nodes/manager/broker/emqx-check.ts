import type { EmqxOptions } from '../device-manager.js';
import { detectEmqx } from './emqx-detect.js';
import { createEmqxHttp } from './emqx-http.js';
import { readEmqxTarget } from './emqx-target.js';

/**
 * Tries the REST API of EMQX, changes nothing, and says what it found: the version, that the key is good, and that
 * clients can be listed. Rejects in words: INVALID_INPUT, UNAVAILABLE.
 */
export async function checkEmqxApi(options: EmqxOptions): Promise<string> {
  const target = readEmqxTarget(options);
  const http = createEmqxHttp(target, () => undefined);
  try {
    const api = await detectEmqx(http, target.named ?? 5);
    await api.listClients(1, null);
    return `${api.name} at ${target.place} takes the API key, and lists its clients.`;
  } finally {
    http.close();
  }
}

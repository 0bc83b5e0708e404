import { ok } from 'node:assert/strict';
import { pause } from '../../../nodes/manager/shared/pause.js';

describe('pause', () => {
  it('lasts as long as it is to', async () => {
    const begun = performance.now();
    await pause(30);
    ok(performance.now() - begun >= 29);
  });

  it('ends with its signal, and does not reject', async () => {
    const ending = new AbortController();
    const begun = performance.now();
    const paused = pause(60_000, { signal: ending.signal });
    ending.abort();
    await paused;
    await pause(60_000, { signal: ending.signal });
    ok(performance.now() - begun < 10_000);
  });
});

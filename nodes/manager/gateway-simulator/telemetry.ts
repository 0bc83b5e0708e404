import { hashOf } from './wire.js';

/** What a gateway sends by default of its own tags at a moment (ms since the epoch): TPE's default telemetry. */
export function telemetrySample(clientid: string, at: number): string {
  const updateTimeStamp = new Date(at).toISOString();
  const values = (value: number) => ({ values: [{ updateTimeStamp, value }] });
  // Every gateway has a rhythm of its own.
  const phase = hashOf(clientid) % 628;
  const wave = Math.sin(at / 60_000 + phase / 100);
  return JSON.stringify({
    tags: {
      system: {
        status: {
          cpuUsage: values(Math.round(25 + 15 * wave)),
          memoryUsage: values(Math.round(4800 + 600 * wave) / 100),
        },
      },
    },
  });
}

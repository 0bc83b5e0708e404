import { hashOf } from './wire.js';

/** A sample of the gateway's own tags at the time `at`, ms since the epoch, as JSON in the format of TPE's default telemetry. */
export function telemetrySample(clientid: string, at: number): string {
  const updateTimeStamp = new Date(at).toISOString();
  const values = (value: number) => ({ values: [{ updateTimeStamp, value }] });
  // Without a phase of its own, every gateway would show the same curve.
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

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { median } from './figure.js';

/** What one round asks for: so many gateways side by side, each again and again. */
interface Asked {
  count: number;
  ms: number;
}

/** What one round found. */
export interface Round {
  /** Of a round trip, ms. */
  median: number;
  p99: number;
  perSecond: number;
  /** CPU time of the asking process for each command, µs. */
  cpu: number;
}

/** A process that asks gateways. */
export interface Asker {
  measure(count: number, ms: number): Promise<Round>;
  close(): Promise<void>;
}

/** Starts one of our scripts that calls `takeOrders`, with further environment variables; resolves when it is ready. */
export async function startAsker(script: string, env: NodeJS.ProcessEnv): Promise<Asker> {
  const child = fork(join(__dirname, script), { env: { ...process.env, ...env } });
  const died = once(child, 'exit').then(([code]) => {
    throw new Error(`${script} ended with ${code}`);
  });
  died.catch(() => undefined);
  const said = async () => (await Promise.race([once(child, 'message'), died]))[0] as unknown;
  await said();
  return {
    async measure(count, ms) {
      child.send({ count, ms } satisfies Asked);
      return (await said()) as Round;
    },
    async close() {
      child.disconnect();
      await died.catch(() => undefined);
    },
  };
}

/**
 * The side of the process: measures rounds for the bench, until that lets go. `ask` asks one gateway, by its number from 1; it resolves when
 * the gateway has answered and that is recorded.
 */
export function takeOrders(ask: (gateway: number) => Promise<unknown>): void {
  process.on('message', ({ count, ms }: Asked) => {
    measure(ask, count, ms).then((round) => process.send!(round), end);
  });
  process.on('disconnect', () => process.exit());
  process.send!('ready');
}

/** Ends a script whose preparation or work has failed. */
export function end(error: unknown): never {
  console.error(error);
  process.exit(1);
}

async function measure(
  ask: (gateway: number) => Promise<unknown>,
  count: number,
  ms: number,
): Promise<Round> {
  const times: number[] = [];
  const cpuBefore = process.cpuUsage();
  const begun = performance.now();
  const busy = async (gateway: number) => {
    while (performance.now() - begun < ms) {
      const asked = performance.now();
      await ask(gateway);
      times.push(performance.now() - asked);
    }
  };
  await Promise.all(Array.from({ length: count }, (_, index) => busy(index + 1)));
  const seconds = (performance.now() - begun) / 1000;
  const { user, system } = process.cpuUsage(cpuBefore);
  times.sort((a, b) => a - b);
  return {
    median: median(times),
    p99: times[Math.floor(times.length * 0.99)]!,
    perSecond: times.length / seconds,
    cpu: (user + system) / times.length,
  };
}

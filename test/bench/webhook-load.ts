import autocannon from 'autocannon';
import { createBodies } from './webhook-bodies.js';

/** What a run of the load generator found. */
export interface LoadResult {
  perSecond: number;
  /** ms. */
  p99: number;
  /** Answers that were not 2xx, and requests without an answer. */
  failed: number;
}

/** Arguments as JSON, see runLoad in load.ts; the result is printed as JSON. In a process of its own, so that it shares no loop with what it measures. */
async function main(): Promise<void> {
  const { urls, token, connections, seconds, part } = JSON.parse(process.argv[2] ?? '') as {
    urls: string[];
    token: string;
    connections: number;
    seconds: number;
    part: number;
  };
  const each = Math.ceil(connections / urls.length);
  const results = await Promise.all(
    urls.map(async (url, index) => {
      const clients: (() => string)[] = [];
      return await autocannon({
        url,
        connections: each,
        duration: seconds,
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        setupClient(client) {
          // Gateways of one connection are those of no other, so that their order is kept.
          const next = createBodies(part * 5000 + (index * each + clients.length) * 37);
          clients.push(next);
          client.setBody(next());
          client.on('response', () => client.setBody(next()));
        },
      });
    }),
  );
  const result: LoadResult = {
    perSecond: results.reduce((sum, one) => sum + one['2xx'] / one.duration, 0),
    p99: Math.max(...results.map((one) => one.latency.p99)),
    failed: results.reduce((sum, one) => sum + one.non2xx + one.errors, 0),
  };
  console.log(JSON.stringify(result));
}

void main();

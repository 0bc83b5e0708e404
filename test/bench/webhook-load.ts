import autocannon from 'autocannon';
import type { LoadFound, LoadWork } from './load.js';
import { createBodies } from './webhook-bodies.js';

/** What posts the webhooks where wrk is not installed: LoadWork as JSON is the argument, LoadFound is printed as JSON. */
async function main(): Promise<void> {
  const { url, secret, connections, seconds, range } = JSON.parse(process.argv[2] ?? '') as LoadWork;
  const next = createBodies(range);
  const found = await autocannon({
    url,
    connections,
    duration: seconds,
    method: 'POST',
    headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
    setupClient(client) {
      client.setBody(next());
      client.on('response', () => client.setBody(next()));
    },
  });
  const result: LoadFound = {
    seconds: found.duration,
    answers: found['2xx'] + found.non2xx,
    notTaken: found.non2xx,
    failed: found.non2xx + found.errors,
    p99: found.latency.p99,
    slowest: found.latency.max,
  };
  console.log(JSON.stringify(result));
}

void main();

import { Agent, request as post } from 'node:http';
import { performance } from 'node:perf_hooks';
import type { SteadyFound, SteadyWork } from './steady.js';
import { createBodies } from './webhook-bodies.js';

/** What posts webhooks at a steady rate, each when it is due, whether or not those before are answered: SteadyWork as JSON is the argument. */
const { url, secret, perSecond, range } = JSON.parse(process.argv[2] ?? '') as SteadyWork;
const next = createBodies(range);
const agent = new Agent({ keepAlive: true, maxSockets: 32 });
/** When each of those that are not answered yet was sent. */
const open = new Set<number>();
let waits: number[] = [];
let failed = 0;

function send(): void {
  const body = next();
  const sent = performance.now();
  open.add(sent);
  const end = (isTaken: boolean) => {
    if (!open.delete(sent)) return;
    waits.push(performance.now() - sent);
    if (!isTaken) failed += 1;
  };
  const headers = {
    ...{ authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
    'content-length': Buffer.byteLength(body),
  };
  post(url, { method: 'POST', agent, headers }, (response) => {
    response.resume().once('end', () => end(response.statusCode === 200));
  })
    .once('error', () => end(false))
    .end(body);
}

/** What was found since the last call; one that still waits counts with the time so far. */
function take(): SteadyFound {
  const now = performance.now();
  const all = [...waits, ...Array.from(open, (sent) => now - sent)].sort((a, b) => a - b);
  const found = {
    answers: waits.length,
    failed,
    p99: all[Math.floor(all.length * 0.99)] ?? Number.NaN,
    slowest: all.at(-1) ?? Number.NaN,
  };
  waits = [];
  failed = 0;
  return found;
}

let due = performance.now();
setInterval(() => {
  // After a pause of this process, those of the pause are left out: they would come as a burst.
  due = Math.max(due, performance.now() - 20);
  for (; due <= performance.now(); due += 1000 / perSecond) send();
}, 1);
process.on('message', () => process.send?.(take()));
process.on('disconnect', () => process.exit());

// Required by a Node-RED under test: tells on CLOCK_PORT how long its event loop stood still at most since the last call.
import { createServer } from 'node:http';
import { isMainThread } from 'node:worker_threads';
import { startLoopClock } from './loop-clock.js';

if (isMainThread) {
  const clock = startLoopClock();
  createServer((_request, response) => {
    response.end(JSON.stringify(clock.longest()));
  }).listen(Number(process.env.CLOCK_PORT), '127.0.0.1');
}

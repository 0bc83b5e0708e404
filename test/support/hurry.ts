// Required by a Node-RED under test, in `NODE_OPTIONS` of hurried(): virtual gateways upgrade and reboot faster than for people,
// and are looked at more often; a question that went with a restart is asked again sooner. How long an upgrade may take
// stays as it is.
import { SIMULATOR_PACE } from '../../nodes/manager/gateway-simulator/simulator.js';
import { GUARD_TIMES } from '../../nodes/manager/guard/settling.js';
import { DEFAULT_TIMING } from '../../nodes/manager/updates/install/timing.js';
import { DEFAULT_WELL_TIMING } from '../../nodes/manager/well/well.js';
import { FAST_TIMING } from './fast-timing.js';
import { patience } from './patience.js';

const { retry, start, loading, installing, installingMost, restarting, tell } = FAST_TIMING;
Object.assign(SIMULATOR_PACE, { rebootMs: 500, timeScale: Number(process.env.HURRY_TIMES) });
Object.assign(DEFAULT_TIMING, {
  answer: patience(5000),
  retry,
  start,
  loading,
  installing,
  installingMost,
  restarting,
  tell,
});
const { HURRY_WELL_MS } = process.env;
if (HURRY_WELL_MS !== undefined) {
  const [settle, retry] = [Number(HURRY_WELL_MS), 500];
  const answer = patience(5000);
  Object.assign(DEFAULT_WELL_TIMING, { settle, settleOtherwise: settle, answer, retry, retryMost: retry });
  Object.assign(GUARD_TIMES, { settleMs: settle, settleRestartMs: settle });
}

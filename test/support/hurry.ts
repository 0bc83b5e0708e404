// Required by a Node-RED under test, in `NODE_OPTIONS` of hurried(): virtual gateways upgrade and reboot faster than for people,
// and are looked at more often; a question that went with a restart is asked again sooner. How long an upgrade may take
// stays as it is.
import { SIMULATOR_PACE } from '../../nodes/manager/gateway-simulator/simulator.js';
import { DEFAULT_TIMING } from '../../nodes/manager/updates/install/timing.js';
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

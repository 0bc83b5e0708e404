// Required by a Node-RED under test: software is installed, and virtual gateways reboot, as fast as the tests of the
// manager have it. The steps are the same.
import { SIMULATOR_PACE } from '../../nodes/manager/gateway-simulator/simulator.js';
import { REAL_PACE } from '../../nodes/manager/updates/install/pace.js';
import { FAST_PACE } from './fast-pace.js';

Object.assign(SIMULATOR_PACE, { rebootMs: 400, timeScale: 300 });
Object.assign(REAL_PACE, FAST_PACE);

import type { InstallPace } from '../../nodes/manager/updates/install/timing.js';
import { patience } from './patience.js';

/** As REAL_PACE, for virtual gateways that are 600 times faster. */
export const FAST_PACE: InstallPace = {
  answer: patience(1000),
  create: patience(1000),
  retry: 40,
  patience: patience(5000),
  lost: patience(2000),
  start: 60,
  loading: 30,
  installing: 40,
  installingMost: 80,
  silence: patience(4000),
  selfRestart: patience(2000),
  restart: patience(6000),
  restarting: 40,
  settle: patience(800),
  grace: patience(10_000),
  tell: 10,
};

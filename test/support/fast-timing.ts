import type { InstallTiming } from '../../nodes/manager/updates/install/timing.js';
import { patience } from './patience.js';

/** As REAL_PACE, for virtual gateways that are 600 times faster. */
export const FAST_TIMING: InstallTiming = {
  answer: patience(2500),
  create: patience(2500),
  retry: 40,
  patience: patience(12_000),
  lost: patience(6000),
  start: 60,
  loading: 30,
  installing: 40,
  installingMost: 80,
  silence: patience(8000),
  selfRestart: patience(6000),
  restart: patience(15_000),
  restarting: 40,
  settle: patience(2500),
  grace: patience(20_000),
  tell: 10,
};

import type { Installation } from '../../updates/install/installation.js';
import type { AttemptResult } from '../execution.js';
import { ALREADY_DONE, reasonOf, SUCCEEDED } from './command-outcome.js';

/** What the end of an installation means for the attempt that began it. One can always be repeated: it first looks what is there. */
export function installationOutcome(installation: Installation): AttemptResult {
  const reason = reasonOf(installation);
  switch (installation.state) {
    case 'SUCCEEDED':
      return SUCCEEDED;
    case 'ALREADY_INSTALLED':
      return ALREADY_DONE;
    case 'FAILED':
      return { state: 'FAILED', reason, isUncertain: false, mayRepeat: true };
    case 'TIMED_OUT':
      return { state: 'TIMED_OUT', reason, isUncertain: true, mayRepeat: true };
    case 'CANCELED':
      return { state: 'CANCELED', reason, isUncertain: false, mayRepeat: false };
    case 'REJECTED':
      return notBegun(installation, reason);
    default:
      throw new Error(`The installation ${installation.id} has not ended.`);
  }
}

function notBegun({ reasonCode }: Installation, reason: ReturnType<typeof reasonOf>): AttemptResult {
  if (reasonCode === 'OFFLINE') return { waitingFor: 'offline', reason };
  if (reasonCode === 'CONFLICT') return { waitingFor: 'busy', reason };
  const code: string | null = reasonCode;
  if (code === 'GUARDED') return { waitingFor: 'guard', reason };
  if (code === 'STOPPED') return { waitingFor: 'stop', reason };
  return { state: 'REJECTED', reason, isUncertain: false, mayRepeat: false };
}

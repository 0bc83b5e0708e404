import type { Reason } from '../../shared/reason.js';
import type { TpeErrorCode } from '../../shared/tpe-error.js';
import type { InstallationState } from './installation.js';

/** Thrown by a step to end the installation. */
export class InstallationOutcome extends Error {
  readonly state: InstallationState;
  readonly code: TpeErrorCode | null;
  /** Null if all went well. */
  readonly reason: Reason | null;

  constructor(state: InstallationState, code: TpeErrorCode | null, reason: Reason | null) {
    super(reason?.text);
    this.name = 'InstallationOutcome';
    this.state = state;
    this.code = code;
    this.reason = reason;
  }
}

import type { TpeErrorCode } from '../../shared/tpe-error.js';
import type { InstallationState } from './installation.js';

/** Thrown by a step to end the installation. */
export class InstallationOutcome extends Error {
  readonly state: InstallationState;
  readonly code: TpeErrorCode | null;

  constructor(state: InstallationState, code: TpeErrorCode | null, reason: string) {
    super(reason);
    this.name = 'InstallationOutcome';
    this.state = state;
    this.code = code;
  }
}

import type { TpeErrorCode } from '../../shared/tpe-error.js';
import type { InstallationState } from './installation.js';

/** Thrown by a step: the installation is over. */
export class Ended extends Error {
  readonly state: InstallationState;
  readonly code: TpeErrorCode | null;

  constructor(state: InstallationState, code: TpeErrorCode | null, reason: string) {
    super(reason);
    this.name = 'Ended';
    this.state = state;
    this.code = code;
  }
}

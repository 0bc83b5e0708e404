import type { Guard, SlotEnd } from '../../guard/guard.js';
import { stopReason } from '../../guard/stop-reason.js';
import type { Reason } from '../../shared/reason.js';
import { messageOf } from '../../shared/tpe-error.js';
import { type Installation, isOver } from './installation.js';

/** The slots of the guard, as installations take them. */
export interface InstallationSlots {
  /** Takes a slot for an installation that is to begin; else resolves with what it waits for. Rejects with UNAVAILABLE. */
  take(installation: Pick<Installation, 'id' | 'clientid' | 'job'>): Promise<Reason | null>;
  /** Gives back the slot of an installation that has ended, once its gateway is well. Does nothing for one that has not. */
  giveBack(installation: Installation): void;
}

/** Creates the slots of installations. A slot that cannot be given back now is given back by the guard's own sweep. */
export function createInstallationSlots(
  guard: Pick<Guard, 'take' | 'ended' | 'stopOf'>,
  onFault: (text: string) => void,
): InstallationSlots {
  return {
    async take({ id, clientid, job }) {
      const stop = await guard.stopOf(clientid, job);
      if (stop !== null) return stopReason(stop);
      const refusal = await guard.take({ clientid, owner: { kind: 'installation', id } });
      return refusal?.reason ?? null;
    },
    giveBack(installation) {
      const { id, state } = installation;
      if (!isOver(state)) return;
      guard
        .ended({ kind: 'installation', id }, endOf(installation))
        .catch((error) =>
          onFault(`The slot of the installation ${id} was not given back yet: ${messageOf(error)}`),
        );
    },
  };
}

/** An installation that succeeded has read the versions back from a gateway that had restarted. */
function endOf({ state, startedAt }: Installation): SlotEnd {
  if (startedAt === null || state === 'REJECTED' || state === 'ALREADY_INSTALLED') return 'never-sent';
  return state === 'SUCCEEDED' ? 'done' : 'unknown';
}

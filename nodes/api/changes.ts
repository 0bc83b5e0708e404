import type { DeviceManager, ManagerEvents } from '../manager/device-manager.js';
import type { GuardNews } from '../manager/guard/guard.js';
import type { DeviceChange } from '../manager/registry/with-events.js';

/** A change in the manager that may make answers of procedures outdated. */
export interface Change {
  kind: keyof ManagerEvents;
  /** The gateway that changed; null if the change is not about a single gateway. */
  clientid: string | null;
  /** For kind `device`: what happened to the gateway. For kind `guard`: what has changed. */
  what?: DeviceChange | GuardNews;
  /** For kind `job`: the id of the job. */
  job?: string;
}

const WITH_CLIENTID = ['presence', 'command', 'installation', 'update'] as const;
/** An alarm is not of one gateway either: whoever follows gateways need not read them again. */
const WITHOUT = ['catalogue', 'scan', 'health', 'account', 'audit', 'alarm', 'alarmRules', 'site'] as const;

/** Calls `emit` with every change of `manager` until the returned function is called. */
export function subscribeToChanges(manager: DeviceManager, emit: (change: Change) => void): () => void {
  const { events } = manager;
  const onDevice = ({ clientid, change }: ManagerEvents['device'][0]) =>
    emit({ kind: 'device', clientid, what: change });
  // Not of one gateway: whoever follows gateways need not read them again for what a job has decided.
  const onJob = ({ job }: ManagerEvents['job'][0]) => emit({ kind: 'job', clientid: null, job: job.id });
  const onGuard = (what: GuardNews) => emit({ kind: 'guard', clientid: null, what });
  events.on('device', onDevice).on('job', onJob).on('guard', onGuard);
  const ends = [
    () => events.off('device', onDevice).off('job', onJob).off('guard', onGuard),
    ...WITH_CLIENTID.map((kind) => {
      const listener = ({ clientid }: { clientid: string | null }) => emit({ kind, clientid });
      events.on(kind, listener);
      return () => events.off(kind, listener);
    }),
    ...WITHOUT.map((kind) => {
      const listener = () => emit({ kind, clientid: null });
      events.on(kind, listener);
      return () => events.off(kind, listener);
    }),
  ];
  return () => {
    for (const end of ends) end();
  };
}

/** A set of changes whose size does not depend on how many events there were. */
export interface Changes {
  /** Whether `isSuch` holds for at least one change. Only one change of each kind is kept and tested. */
  some(isSuch: (change: Change) => boolean): boolean;
  /** Whether at least one change is about this gateway. */
  areOf(clientid: string): boolean;
}

/** Creates an empty set of changes. The memory that it needs grows with the number of gateways that changed, not of changes. */
export function gatherChanges(): Changes & { readonly size: number; add(change: Change): void } {
  const kinds = new Map<string, Change>();
  const clientids = new Set<string>();
  return {
    get size() {
      return kinds.size;
    },
    add(change) {
      const { kind, clientid, what } = change;
      kinds.set(`${kind} ${what ?? ''} ${clientid === null}`, change);
      if (clientid !== null) clientids.add(clientid);
    },
    some: (isSuch) => [...kinds.values()].some(isSuch),
    areOf: (clientid) => clientids.has(clientid),
  };
}

import type { DeviceManager, ManagerEvents } from '../manager/device-manager.js';
import type { DeviceChange } from '../manager/registry/with-events.js';

/** Something that happened in the manager. */
export interface Change {
  kind: keyof ManagerEvents;
  /** Null: of no single gateway. */
  clientid: string | null;
  /** What happened to a device. */
  what?: DeviceChange;
}

const WITH_CLIENTID = ['presence', 'command', 'installation', 'update'] as const;
const WITHOUT = ['catalogue', 'scan', 'health', 'account', 'audit'] as const;

/** Calls `emit` with every change until the returned function is called. */
export function subscribeToChanges(manager: DeviceManager, emit: (change: Change) => void): () => void {
  const { events } = manager;
  const onDevice = ({ clientid, change }: ManagerEvents['device'][0]) =>
    emit({ kind: 'device', clientid, what: change });
  events.on('device', onDevice);
  const ends = [
    () => events.off('device', onDevice),
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

/** Several changes at once, however many there were. */
export interface Changes {
  /** Of each kind once. */
  some(isSuch: (change: Change) => boolean): boolean;
  /** Whether something happened to this gateway. */
  areOf(clientid: string): boolean;
}

/** Gathers changes; it grows with the gateways that are concerned, and not with what happens to them. */
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

import type { DeviceManager, ManagerEvents } from '../manager/device-manager.js';
import type { DeviceChange } from '../manager/registry/announcing.js';

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

/** Tells every change until the returned function is called. */
export function followChanges(manager: DeviceManager, tell: (change: Change) => void): () => void {
  const { events } = manager;
  const onDevice = ({ clientid, change }: ManagerEvents['device'][0]) =>
    tell({ kind: 'device', clientid, what: change });
  events.on('device', onDevice);
  const ends = [
    () => events.off('device', onDevice),
    ...WITH_CLIENTID.map((kind) => {
      const listener = ({ clientid }: { clientid: string | null }) => tell({ kind, clientid });
      events.on(kind, listener);
      return () => events.off(kind, listener);
    }),
    ...WITHOUT.map((kind) => {
      const listener = () => tell({ kind, clientid: null });
      events.on(kind, listener);
      return () => events.off(kind, listener);
    }),
  ];
  return () => {
    for (const end of ends) end();
  };
}

import type { PresenceStatus } from '../../../manager/registry/device.js';

/** How people see a presence. The icons are among those that the dashboard brings. */
export const STATUSES: Record<PresenceStatus, { name: string; icon: string }> = {
  online: { name: 'Online', icon: 'mdi-check-circle' },
  offline: { name: 'Offline', icon: 'mdi-close-circle' },
  never_seen: { name: 'Never seen', icon: 'mdi-help-circle' },
};

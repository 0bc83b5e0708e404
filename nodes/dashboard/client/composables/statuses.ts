import type { PresenceStatus } from '../../../manager/registry/presence-status.js';

/** How a presence looks. The icons are among those that the dashboard brings. */
export const STATUS_ICONS: Record<PresenceStatus, string> = {
  online: 'mdi-check-circle',
  offline: 'mdi-close-circle',
  never_seen: 'mdi-help-circle',
};

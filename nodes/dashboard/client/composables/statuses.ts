import type { PresenceStatus } from '../../../manager/registry/presence-status.js';

/** The icon of each presence status. Only icons that the dashboard provides can be used. */
export const STATUS_ICONS: Record<PresenceStatus, string> = {
  online: 'mdi-check-circle',
  offline: 'mdi-close-circle',
  never_seen: 'mdi-help-circle',
};

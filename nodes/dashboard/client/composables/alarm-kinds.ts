import type { Severity } from '../../../manager/alarms/alarm-kinds.js';

/** What counts as an alarm of a severity looks like. Only icons that the dashboard provides can be used. */
export const SEVERITIES: Record<Severity, { icon: string; tone: string }> = {
  critical: { icon: 'mdi-alert-octagon', tone: 'bad' },
  warning: { icon: 'mdi-alert', tone: 'warning' },
  info: { icon: 'mdi-information', tone: 'busy' },
};

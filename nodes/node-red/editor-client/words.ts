const CATALOGUE = '@tpedm/node-red-dashboard-2-tpedm/tpe-command';

/** A text of tpe-command's locale: `words('risk.read')`. */
export function words(key: string, values?: Record<string, unknown>): string {
  return RED._(`${CATALOGUE}:tpe-command.${key}`, values);
}

const CATALOGUE = '@tpedm/node-red-dashboard-2-tpedm/tpe-command';

/** Returns a text of tpe-command's locale in the language of the editor: `words('risk.read')`. */
export function words(key: string, values?: Record<string, unknown>): string {
  return RED._(`${CATALOGUE}:tpe-command.${key}`, values);
}

const PACK = '@tpedm/node-red-dashboard-2-tpedm';

/** Returns a text of a node's locale in the language of the editor. */
function wordsOf(node: string) {
  return (key: string, values?: Record<string, unknown>): string =>
    RED._(`${PACK}/${node}:${node}.${key}`, values);
}

/** Returns a text of tpe-command's locale in the language of the editor: `words('risk.read')`. */
export const words = wordsOf('tpe-command');
/** The same of tpe-server's. */
export const serverWords = wordsOf('tpe-server');
/** The same of tpe-alarm's, which has the kinds and severities of alarms. */
export const alarmWords = wordsOf('tpe-alarm');

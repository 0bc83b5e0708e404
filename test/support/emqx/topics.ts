/** Topic templates with `{clientid}` as one level, as the gateways use them. */
export interface EmqxTopics {
  input: string;
  output: string;
  telemetry: readonly string[];
}

export const TPEDM_TOPICS: EmqxTopics = {
  input: '/tpedm/{clientid}/input',
  output: '/tpedm/{clientid}/output',
  telemetry: ['/tpedm/{clientid}/telemetry/#'],
};

/** As EMQX does it: the client id is put in as it is, so one of `+` widens the filter. */
export function fillTemplate(template: string, clientid: string): string {
  return template.replaceAll('{clientid}', clientid);
}

/** True when an MQTT filter covers a topic name. */
export function covers(filter: string, topic: string): boolean {
  if (topic.startsWith('$') && /^[+#]/.test(filter)) return false;
  const levels = topic.split('/');
  const wanted = filter.split('/');
  for (const [index, level] of wanted.entries()) {
    if (level === '#') return true;
    if (index >= levels.length) return false;
    if (level !== '+' && level !== levels[index]) return false;
  }
  return wanted.length === levels.length;
}

/** True for a topic that may be published to. */
export function isTopicName(topic: string): boolean {
  return topic.length > 0 && Buffer.byteLength(topic) <= 4096 && !/[+#\0]/.test(topic);
}

/** Cuts `$share/<group>/<filter>` in its parts; a plain filter has no group. */
export function parseFilter(filter: string): { group: string | null; filter: string } {
  const [, group, rest] = /^\$share\/([^/]+)\/(.+)$/s.exec(filter) ?? [];
  return group === undefined || rest === undefined ? { group: null, filter } : { group, filter: rest };
}

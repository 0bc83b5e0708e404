import { CONTROL_CHARACTERS } from '../shared/text.js';
import { TpeError } from '../shared/tpe-error.js';

/** Topic templates, each with `{clientid}` as one whole level, such as `/tpedm/{clientid}/input`. */
export interface TopicTemplates {
  /** Requests to a gateway (its `requestSubTopic`). */
  input: string;
  /** Answers of a gateway (its `responsePubTopic`). */
  output: string;
  /** MQTT filters of other topics whose messages go to tpe-output; `{clientid}` is allowed as one level. */
  telemetry: string[];
}

export const DEFAULT_TOPICS: TopicTemplates = {
  input: '/tpedm/{clientid}/input',
  output: '/tpedm/{clientid}/output',
  telemetry: [],
};

const PLACEHOLDER = '{clientid}';

/** The topics of one device manager, made of checked templates. */
export interface Topics {
  inputTopic(clientid: string): string;
  outputTopic(clientid: string): string;
  /** The filters for a subscription to all answers and telemetry, with `+` in place of the client id. */
  filters(): string[];
  /** The filters of what one gateway may publish to: its output and its telemetry. */
  publishFilters(clientid: string): string[];
  /** The filters of what one gateway may subscribe to: its input. */
  subscribeFilters(clientid: string): string[];
  /** Tells what a topic is for, and of which client; null for any other topic. A telemetry topic may name no client (null). */
  classify(
    topic: string,
  ): { kind: 'output'; clientid: string } | { kind: 'telemetry'; clientid: string | null } | null;
}

/** Checks the templates and creates Topics from them. Throws INVALID_INPUT with the template and its fault. */
export function makeTopics(templates: TopicTemplates): Topics {
  const input = levelsOf(templates.input, 'request topic', true);
  const output = levelsOf(templates.output, 'answer topic', true);
  if (templates.input === templates.output) {
    throw new TpeError('INVALID_INPUT', 'The request topic and the answer topic must differ.', {
      field: 'topics',
    });
  }
  if (overlap(input, output)) {
    throw new TpeError(
      'INVALID_INPUT',
      `The request topic "${templates.input}" and the answer topic "${templates.output}" can name the same topic.`,
      { field: 'topics' },
    );
  }
  const telemetry = templates.telemetry.map((filter) => levelsOf(filter, 'telemetry filter', false));
  for (const filter of telemetry) {
    refuseOverlap(filter, input, 'request topic');
    refuseOverlap(filter, output, 'answer topic');
  }
  return {
    inputTopic: (clientid) => fill(input, clientid),
    outputTopic: (clientid) => fill(output, clientid),
    filters: () => widest([output, ...telemetry].map((levels) => fill(levels, '+'))),
    publishFilters: (clientid) => [output, ...telemetry].map((levels) => fill(levels, clientid)),
    subscribeFilters: (clientid) => [fill(input, clientid)],
    classify(topic) {
      const levels = topic.split('/');
      // A request to a gateway never comes from a gateway, even if a telemetry filter covers its topic.
      if (topic.startsWith('$') || match(input, levels)) return null;
      const answering = match(output, levels);
      if (answering?.clientid) return { kind: 'output', clientid: answering.clientid };
      for (const filter of telemetry) {
        const found = match(filter, levels);
        if (found) return { kind: 'telemetry', clientid: found.clientid };
      }
      return null;
    },
  };
}

/** Whether a topic can be published on: not empty, and without wildcards, for which a broker would end the connection. */
export function isTopicName(topic: string): boolean {
  return topic !== '' && !/[+#]/.test(topic);
}

/** Whether a filter can be subscribed to (MQTT 3.1.1, 4.7.1): "+" stands for a whole level, "#" for all levels at the end. */
export function isTopicFilter(filter: string): boolean {
  if (filter === '' || filter.length > 65_535 || CONTROL_CHARACTERS.test(filter) || !filter.isWellFormed())
    return false;
  const levels = filter.split('/');
  return levels.every(
    (level, place) => level === '+' || (level === '#' && place === levels.length - 1) || !/[+#]/.test(level),
  );
}

/** Whether an MQTT filter covers a topic (MQTT 3.1.1, 4.7). */
export function filterCovers(filter: string, topic: string): boolean {
  if (topic.startsWith('$') && /^[+#]/.test(filter)) return false;
  return match(filter.split('/'), topic.split('/')) !== null;
}

/** Whether `outer` covers every topic that `inner` covers; both are MQTT filters. */
export function filterCoversFilter(outer: string, inner: string): boolean {
  const wide = outer.split('/');
  const narrow = inner.split('/');
  for (const [index, level] of wide.entries()) {
    if (level === '#') return true;
    const other = narrow[index];
    if (other === undefined || other === '#') return false;
    if (level !== '+' && level !== other) return false;
  }
  return wide.length === narrow.length;
}

/** Leaves out filters that another one covers, since some brokers deliver a message once for each filter that matches. */
function widest(filters: readonly string[]): string[] {
  const distinct = [...new Set(filters)];
  return distinct.filter(
    (filter) => !distinct.some((other) => other !== filter && filterCoversFilter(other, filter)),
  );
}

/**
 * Throws INVALID_INPUT for a telemetry filter that covers requests or answers of other gateways, on whose topics a gateway could publish
 * then. It may cover them if it has the client id in the same place.
 */
function refuseOverlap(filter: readonly string[], topic: readonly string[], name: string): void {
  if (!overlap(filter, topic)) return;
  if (filter.indexOf(PLACEHOLDER) === topic.indexOf(PLACEHOLDER)) return;
  throw new TpeError(
    'INVALID_INPUT',
    `The telemetry filter "${filter.join('/')}" covers the ${name} "${topic.join('/')}" of other gateways: ` +
      `make it narrower, or put ${PLACEHOLDER} where the ${name} has it.`,
    { field: 'topics', value: filter.join('/') },
  );
}

/** Whether some topic is covered by both filters. */
function overlap(left: readonly string[], right: readonly string[]): boolean {
  const isOpen = (level: string) => level === '+' || level === PLACEHOLDER;
  for (let index = 0; index < Math.max(left.length, right.length); index += 1) {
    const [a, b] = [left[index], right[index]];
    if (a === '#' || b === '#') return true;
    if (a === undefined || b === undefined) return false;
    if (a !== b && !isOpen(a) && !isOpen(b)) return false;
  }
  return true;
}

function levelsOf(template: string, name: string, needsClientid: boolean): string[] {
  const fault = (what: string) =>
    new TpeError('INVALID_INPUT', `The ${name} "${template}" ${what}.`, { field: 'topics', value: template });
  if (template.length === 0 || template.length > 256) throw fault('must have 1 to 256 characters');
  if (CONTROL_CHARACTERS.test(template)) throw fault('must not have control characters');
  if (template !== template.trim()) throw fault('must not begin or end with a space');
  const levels = template.split('/');
  const holders = levels.filter((level) => level.includes(PLACEHOLDER));
  if (holders.some((level) => level !== PLACEHOLDER))
    throw fault(`must have ${PLACEHOLDER} as a whole level`);
  if (holders.length > 1) throw fault(`must have ${PLACEHOLDER} only once`);
  if (needsClientid && holders.length === 0) throw fault(`needs ${PLACEHOLDER} as one level`);
  if (needsClientid && /[+#]/.test(template)) throw fault('must not have the wildcards + or #');
  const hash = levels.indexOf('#');
  if (
    levels.some((level) => level.length > 1 && /[+#]/.test(level)) ||
    (hash >= 0 && hash < levels.length - 1)
  ) {
    throw fault('is no valid MQTT filter');
  }
  if (template === '#' || template.startsWith('$')) throw fault('is too wide: name a first level');
  return levels;
}

function fill(levels: readonly string[], clientid: string): string {
  return levels.map((level) => (level === PLACEHOLDER ? clientid : level)).join('/');
}

function match(filter: readonly string[], topic: readonly string[]): { clientid: string | null } | null {
  let clientid: string | null = null;
  for (const [index, level] of filter.entries()) {
    if (level === '#') return { clientid };
    const actual = topic[index];
    if (actual === undefined) return null;
    if (level === PLACEHOLDER) {
      if (actual === '') return null;
      clientid = actual;
    } else if (level !== '+' && level !== actual) return null;
  }
  return filter.length === topic.length ? { clientid } : null;
}

import { TpeError } from '../tpe-error.js';

/** Topic templates, each with `{clientid}` as one whole level, such as `/tpedm/{clientid}/input`. */
export interface TopicTemplates {
  /** Requests to a gateway (its `requestSubTopic`). */
  input: string;
  /** Answers of a gateway (its `responsePubTopic`). */
  output: string;
  /** MQTT filters of other topics that pass through to tpe-output; `{clientid}` allowed as one level. */
  telemetry: string[];
}

export const DEFAULT_TOPICS: TopicTemplates = {
  input: '/tpedm/{clientid}/input',
  output: '/tpedm/{clientid}/output',
  telemetry: [],
};

const PLACEHOLDER = '{clientid}';

/** The topics of one installation, checked once and then cheap to use. */
export interface Topics {
  inputTopic(clientid: string): string;
  outputTopic(clientid: string): string;
  /** Filters for a subscription to all answers and telemetry: `+` in place of the client id. */
  filters(): string[];
  /** What one gateway may publish to: its output and its telemetry, as filters. */
  publishFilters(clientid: string): string[];
  /** What one gateway may subscribe to: its input. */
  subscribeFilters(clientid: string): string[];
  /** What a topic is, and whose: null where it is none of ours. A telemetry topic may name no client (null). */
  classify(
    topic: string,
  ): { kind: 'output'; clientid: string } | { kind: 'telemetry'; clientid: string | null } | null;
}

/** Checks the templates and makes Topics of them. Throws INVALID_INPUT naming the template and its fault. */
export function makeTopics(templates: TopicTemplates): Topics {
  const input = levelsOf(templates.input, 'request topic', true);
  const output = levelsOf(templates.output, 'answer topic', true);
  if (templates.input === templates.output) {
    throw new TpeError('INVALID_INPUT', 'The request topic and the answer topic must differ.', {
      field: 'topics',
    });
  }
  const telemetry = templates.telemetry.map((filter) => levelsOf(filter, 'telemetry filter', false));
  return {
    inputTopic: (clientid) => fill(input, clientid),
    outputTopic: (clientid) => fill(output, clientid),
    filters: () => [...new Set([output, ...telemetry].map((levels) => fill(levels, '+')))],
    publishFilters: (clientid) => [output, ...telemetry].map((levels) => fill(levels, clientid)),
    subscribeFilters: (clientid) => [fill(input, clientid)],
    classify(topic) {
      const levels = topic.split('/');
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

/** True when an MQTT filter covers a topic (MQTT 3.1.1, 4.7). */
export function filterCovers(filter: string, topic: string): boolean {
  return match(filter.split('/'), topic.split('/')) !== null;
}

function levelsOf(template: string, name: string, needsClientid: boolean): string[] {
  const fault = (what: string) =>
    new TpeError('INVALID_INPUT', `The ${name} "${template}" ${what}.`, { field: 'topics', value: template });
  if (template.length === 0 || template.length > 256) throw fault('must have 1 to 256 characters');
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

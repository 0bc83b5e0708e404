import { jobTargets } from '../../manager/jobs/definition/given-targets.ts';
import { exactJson, parseExactJson, typedNumber } from '../../manager/shared/exact-json.ts';
import { JOB_PACE, PACE_FIELDS } from '../fields/job-pace.ts';
import type { CommandForm } from './command-form.ts';
import { selectedBy } from './command-request.ts';

/** What the open form of a tpe-job says of its job. */
export interface FormJob {
  definition: Record<string, unknown>;
  /** JSON Pointers of what only a message brings, and the definition lacks. */
  unknown: string[];
}

type Given = Record<string, unknown>;

/**
 * Reads the job of the open form, as the node makes it for a message that brings nothing. Throws an Error with words for a person where a
 * value in the form is none.
 */
export function jobOfForm(name: string, form: Pick<CommandForm, 'request' | 'unknown'>): FormJob {
  const unknown: string[] = [];
  const definition: Given = { name: String(shownIn('name') || name) };
  const put = (field: string, place: string, read: (text: string) => unknown, mustBe = false) => {
    const { type, text } = typedValue(field);
    if (text === '' && !mustBe) return undefined;
    if (text !== '' && FIXED.has(type)) return type === 'json' ? jsonOf(field, text) : read(text);
    unknown.push(place);
    return undefined;
  };
  const targets = put('targets', '/targets', (text) => text, true);
  if (targets !== undefined) definition.targets = jobTargets(targets);
  const work = workOf(form, put, unknown);
  if (work !== undefined) definition.do = work;
  const perTarget = put('perTarget', '/perTarget', (text) => text);
  if (perTarget !== undefined) definition.perTarget = perTarget;
  const verify = shownIn('work') === 'command' ? put('verify', '/verify', (text) => text) : undefined;
  if (verify !== undefined) definition.verify = verify;
  for (const field of PACE_FIELDS) {
    const [group, key] = JOB_PACE[field];
    const number = put(field, `/${group}/${key}`, typedNumber);
    if (number !== undefined) definition[group] = { ...Object(definition[group]), [key]: number };
  }
  // Whole numbers that JavaScript cannot hold are shown rounded; what is sent to gateways is not made of this.
  return { definition: JSON.parse(exactJson(definition)) as Given, unknown };
}

type Put = (field: string, place: string, read: (text: string) => unknown) => unknown;

/** What the job does; undefined if only a message says so. */
function workOf(
  form: Pick<CommandForm, 'request' | 'unknown'>,
  put: Put,
  unknown: string[],
): Given | undefined {
  const work = shownIn('work');
  const seconds = () => {
    const timeout = put('timeout', '/timeout', typedNumber);
    return timeout === undefined ? {} : { timeoutSeconds: Math.max(1, Math.round(Number(timeout))) };
  };
  if (work === 'steps') {
    const steps = put('steps', '/do', (text) => text);
    if (steps !== undefined) return { steps };
  } else if (work === 'install') {
    const packages = put('packages', '/do/install/packages', (text) => text);
    const choices = ['snapshot', 'allowCellular'] as const;
    const chosen = choices.filter((name) => shownIn(name) !== '');
    return {
      install: {
        ...(packages === undefined ? { to: 'newest' } : { packages: [packages].flat() }),
        ...Object.fromEntries(chosen.map((name) => [name, shownIn(name) === 'true'])),
        ...seconds(),
      },
    };
  } else if (work === 'command' && selectedBy() !== 'message') {
    const { requestBody, ...request } = form.request();
    const inBody = form.unknown();
    unknown.push(...inBody.map((place) => `/do/command${place}`));
    const hasBody = requestBody !== undefined && !inBody.some((place) => place.startsWith('/requestBody'));
    return { command: { ...request, ...(hasBody ? { requestBody } : {}), ...seconds() } };
  }
  if (!unknown.includes('/do')) unknown.push('/do');
  return undefined;
}

const FIXED: ReadonlySet<string> = new Set(['str', 'num', 'json']);

function shownIn(field: string): string {
  return String($(`#node-input-${field}`).val() ?? '').trim();
}

function typedValue(field: string): { type: string; text: string } {
  const input = $(`#node-input-${field}`);
  return { type: String(input.typedInput('type')), text: String(input.typedInput('value') ?? '').trim() };
}

function jsonOf(field: string, text: string): unknown {
  try {
    return parseExactJson(text);
  } catch (error) {
    throw new Error(`${field}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

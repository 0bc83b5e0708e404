import type { Node, NodeAPI, NodeMessage } from 'node-red';
import { JOB_DEFINITION, type JobDefinition } from '../manager/jobs/definition/definition.js';
import { jobTargets } from '../manager/jobs/definition/given-targets.js';
import { badField } from '../manager/shared/invalid-input.js';
import { TpeError } from '../manager/shared/tpe-error.js';
import { isPlainObject } from '../manager/shared/validate.js';
import { packagesIn } from '../manager/updates/install/check-request.js';
import { isBlank } from '../node-red/fields/blank.js';
import { textIn } from '../node-red/fields/checks.js';
import { JOB_WORKS, YES_OR_NO } from '../node-red/fields/choices.js';
import { JOB_PACE, PACE_FIELDS, type PaceField } from '../node-red/fields/job-pace.js';
import { fillBody } from '../node-red/runtime/body-values.js';
import { choiceOf, millisecondsOf, numberOf, textOf } from '../node-red/runtime/message-values.js';
import { fieldReader, type TypedFields } from '../node-red/runtime/typed-fields.js';
import { type RequestConfig, requestReader } from '../tpe-command/read-request.js';

export type DefinitionField =
  | 'targets'
  | 'perTarget'
  | 'work'
  | 'do'
  | 'verify'
  | 'packages'
  | 'snapshot'
  | 'allowCellular'
  | 'steps'
  | 'timeout'
  | 'jobName'
  | 'note'
  | PaceField;

export type DefinitionConfig = TypedFields<DefinitionField> & RequestConfig;

type Given = Record<string, unknown>;

/** What only definitions have: by these, a payload is known to be one. */
const MARKS = ['do', 'targets', 'perTarget', 'rollout', 'timeouts', 'retry'];
/** What a payload may have beside a definition. */
const BESIDE = ['action', 'confirm', 'idempotencyKey'];

/**
 * Creates the function that makes the definition of a job out of the fields and a message. A field wins; for a blank one the message property
 * of the same name counts, then the payload, if it is a definition. The function rejects with INVALID_INPUT; what it returns is checked when
 * a job is made of it.
 */
export function definitionReader(RED: NodeAPI, node: Node, config: DefinitionConfig) {
  const read = fieldReader<DefinitionField>(RED, node, config);
  const work = workReader(RED, node, config, read);

  return async (msg: NodeMessage): Promise<unknown> => {
    const given = definitionIn(msg.payload);
    const made: Given = {
      ...given,
      name: textOf(await read('jobName', msg), 'jobName') ?? given.name ?? (node.name || node.type),
      do: await work(msg, given),
      targets: jobTargets((await read('targets', msg)) ?? given.targets ?? gatewaysIn(msg.payload)),
      ...(await optional('note', read('note', msg))),
      ...(await optional('perTarget', read('perTarget', msg))),
      ...(isOfCommand(config) ? await optional('verify', read('verify', msg)) : {}),
    };
    for (const name of PACE_FIELDS) {
      const number = numberOf(await read(name, msg), name);
      const [group, key] = JOB_PACE[name];
      if (number !== undefined) made[group] = { ...Object(made[group]), [key]: number };
    }
    return made;
  };
}

type Read = ReturnType<typeof fieldReader<DefinitionField>>;

/** Creates the function that reads what the job does: by the form, or by the message where the form leaves it open. */
function workReader(RED: NodeAPI, node: Node, config: DefinitionConfig, read: Read) {
  const readRequest = requestReader(RED, node, config);

  const timeout = async (msg: NodeMessage) => {
    const ms = millisecondsOf(await read('timeout', msg), 'timeout');
    return ms === undefined ? {} : { timeoutSeconds: Math.max(1, Math.round(ms / 1000)) };
  };

  const command = async (msg: NodeMessage): Promise<Given> => {
    const { operation, params, path, method, requestBody, check } = await readRequest(msg);
    const of = { operation, params, path, method, requestBody, check };
    const filled = Object.entries(of).filter(([, value]) => value !== undefined);
    return { command: { ...Object.fromEntries(filled), ...(await timeout(msg)) } };
  };

  const install = async (msg: NodeMessage): Promise<Given> => {
    const packages = await read('packages', msg);
    const snapshot = yesOrNo(await read('snapshot', msg), 'snapshot');
    const allowCellular = yesOrNo(await read('allowCellular', msg), 'allowCellular');
    return {
      install: {
        ...(packages === undefined ? { to: 'newest' } : { packages: packagesIn(packages) }),
        ...(snapshot === undefined ? {} : { snapshot }),
        ...(allowCellular === undefined ? {} : { allowCellular }),
        ...(await timeout(msg)),
      },
    };
  };

  const steps = async (msg: NodeMessage): Promise<Given | undefined> => {
    const given = await read('steps', msg);
    if (given === undefined) return undefined;
    const isOfTheForm = config.stepsType === 'json' && !isBlank(config.steps);
    return { steps: isOfTheForm ? await fillBody(RED, node, given, msg, 'steps') : given };
  };

  return async (msg: NodeMessage, given: Given): Promise<unknown> => {
    const ofMessage = (msg as { do?: unknown }).do ?? given.do;
    const kind = choiceOf(await read('work', msg), 'work', JOB_WORKS);
    if (kind === 'install') return await install(msg);
    if (kind === 'steps') {
      const found = (await steps(msg)) ?? ofMessage;
      if (found === undefined) throw badField('steps', 'a list of steps');
      return found;
    }
    const isInTheForm = kind === 'command' && !(isBlank(config.operation) && isBlank(config.path));
    return isInTheForm || ofMessage === undefined ? await command(msg) : ofMessage;
  };
}

/** Whether what the form has to verify belongs to what the form does. */
function isOfCommand(config: DefinitionConfig): boolean {
  return ['', 'command'].includes(textIn({ ...config }, 'work'));
}

async function optional(name: string, value: Promise<unknown>): Promise<Given> {
  const found = await value;
  return found === undefined ? {} : { [name]: found };
}

/** The definition in a payload; empty if the payload is something else. Throws INVALID_INPUT if it has a property that no definition has. */
function definitionIn(payload: unknown): Partial<JobDefinition> & Given {
  if (!isPlainObject(payload) || !MARKS.some((name) => payload[name] !== undefined)) return {};
  const names = Object.keys(payload).filter((name) => !BESIDE.includes(name));
  const unknown = names.find((name) => !Object.hasOwn(JOB_DEFINITION.properties, name));
  if (unknown !== undefined) {
    const known = Object.keys(JOB_DEFINITION.properties).join(', ');
    throw new TpeError(
      'INVALID_INPUT',
      `"payload" has an unknown property "${unknown}": a job has ${known}.`,
      {
        field: `payload.${unknown}`,
      },
    );
  }
  return Object.fromEntries(names.map((name) => [name, payload[name]]));
}

/** A payload that is gateways: a page of tpe-register or tpe-update-scan, or one gateway of a scan. */
function gatewaysIn(payload: unknown): unknown {
  const isOne = isPlainObject(payload) && typeof payload.clientid === 'string';
  return isOne || Array.isArray(payload) ? payload : undefined;
}

function yesOrNo(value: unknown, name: string): boolean | undefined {
  if (typeof value === 'boolean') return value;
  const choice = choiceOf(value, name, YES_OR_NO);
  return choice === undefined ? undefined : choice === 'true';
}

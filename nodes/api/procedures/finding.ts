import { findOperations } from '../../manager/catalogue/find-operations.js';
import type { Operation } from '../../manager/catalogue/operation.js';
import { contextOf, taskOf } from '../../manager/catalogue/task-of.js';
import type { DeviceManager } from '../../manager/device-manager.js';
import type { Job } from '../../manager/jobs/job.js';
import type { Device } from '../../manager/registry/device.js';
import { defineProcedure } from '../procedure.js';
import { LANGUAGES, type Language } from '../words/languages.js';
import { operationWords } from '../words/operation-words.js';

/** So many of a kind are told; who wants others types more. */
const MOST_FOUND = 6;

/** What was found by a text, the best of each kind first. */
export interface Found {
  gateways: Pick<Device, 'clientid' | 'hostName' | 'modelName' | 'serialNumber' | 'site' | 'status'>[];
  jobs: Pick<Job, 'id' | 'name' | 'state'>[];
  operations: { id: string; task: string; category: string; method: string; path: string }[];
}

/** The procedure by which everything is found from everywhere. */
export const FINDING_PROCEDURES = {
  /** Finds gateways, jobs and operations by a text that a person types; all empty for a blank one. */
  'find.all': defineProcedure({
    role: 'viewer',
    input: {
      type: 'object',
      properties: { text: { type: 'string', maxLength: 200 }, language: { enum: LANGUAGES } },
      required: ['text', 'language'],
      additionalProperties: false,
    },
    async handler(manager, { text, language }): Promise<Found> {
      const search = text.trim();
      if (search === '') return { gateways: [], jobs: [], operations: [] };
      const [gateways, jobs] = await Promise.all([gatewaysBy(manager, search), jobsBy(manager, search)]);
      return { gateways, jobs, operations: operationsBy(manager, search, language) };
    },
  }),
} as const;

async function gatewaysBy({ registry }: DeviceManager, search: string): Promise<Found['gateways']> {
  const [exact, { devices }] = await Promise.all([
    registry.list({ clientids: [search], limit: 1 }),
    registry.list({ search, limit: MOST_FOUND }),
  ]);
  const first = exact.devices[0];
  const all = [...exact.devices, ...devices.filter(({ clientid }) => clientid !== first?.clientid)];
  return all.slice(0, MOST_FOUND).map(({ clientid, hostName, modelName, serialNumber, site, status }) => ({
    ...{ clientid, hostName, modelName },
    ...{ serialNumber, site, status },
  }));
}

/** By number, or by words of the name; by number alone with a # before it. */
async function jobsBy({ jobs }: DeviceManager, search: string): Promise<Found['jobs']> {
  const [, mark, number] = /^(#?)(\d{1,18})$/.exec(search) ?? [];
  const [one, { items }] = await Promise.all([
    number === undefined ? null : jobs.brief(number),
    mark ? { items: [] } : jobs.list({ name: search, limit: MOST_FOUND }),
  ]);
  return [...(one === null ? [] : [one]), ...items.filter(({ id }) => id !== one?.id)]
    .slice(0, MOST_FOUND)
    .map(({ id, name, state }) => ({ id, name, state }));
}

function operationsBy({ catalogue }: DeviceManager, search: string, language: Language): Found['operations'] {
  const { tasks, categories } = operationWords(language);
  const inWords = (operation: Operation) => {
    const task = taskOf(operation);
    const { id, category, name, method, path, refusedBecause } = operation;
    return {
      ...{ id, category, name, method, path },
      ...(refusedBecause != null && { refusedBecause }),
      task: tasks[task] ?? task,
      categoryTitle: categories[category] ?? category,
    };
  };
  return findOperations(catalogue.operations().map(inWords), search)
    .filter(({ refusedBecause }) => refusedBecause === undefined)
    .slice(0, MOST_FOUND)
    .map(({ id, task, categoryTitle, method, path }) => {
      const context = contextOf(path);
      return {
        id,
        task,
        category: context === null ? categoryTitle : (categories[context] ?? context),
        method,
        path,
      };
    });
}

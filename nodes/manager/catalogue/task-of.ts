import type { Operation } from './operation.js';
import tasks from './words/tasks.json';

/**
 * TPEDM names its own operations by method and path. Those names stay, since its tables and flows know them; what such an operation does
 * for a person is said in `words/tasks.json`, by id.
 */
const TASKS: Readonly<Record<string, string>> = tasks;

/** What an operation does, in English words for a person, such as "Set a static address". Translations of it are in `api/words/operations`. */
export function taskOf({ id, name }: Pick<Operation, 'id' | 'name'>): string {
  return Object.hasOwn(TASKS, id) ? TASKS[id]! : name;
}

/** The categories of services that have the same tasks, by the beginning of their paths. Alone, such a task does not say of what. */
const CONTEXTS: Readonly<Record<string, string>> = {
  modbusmaster: 'Modbus Master',
  modbusslave: 'Modbus Slave',
  'azure-device': 'Azure IoT Device',
  'azure-iotedge': 'Azure IoT Edge',
  aws: 'AWS IoT Core',
  mqtt: 'MQTT Client',
  sparkplug: 'Sparkplug',
};

/** The category to name beside a task where the list does not show it, such as "AWS IoT Core" for "Check the connection"; null: none. */
export function contextOf(path: string): string | null {
  const first = path.split('/')[1] ?? '';
  return Object.hasOwn(CONTEXTS, first) ? CONTEXTS[first]! : null;
}

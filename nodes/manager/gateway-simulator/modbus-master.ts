import { parentOf, templateOf } from './resource-templates.js';
import type { Resources } from './resources.js';
import type { ApiAnswer } from './wire.js';

/** The Modbus master of a gateway: changes of its configuration wait until they are applied, or dropped. */
export interface ModbusMaster {
  handle(method: string, fullPath: string, requestBody: unknown): ApiAnswer;
}

const APPLY = '/modbusmaster/control/config/apply';
const UNDO = '/modbusmaster/control/config/undo';
const HAS_CHANGED = '/modbusmaster/status/config/change';

/** The requests that it answers. */
export const MODBUS_MASTER =
  /^\/modbusmaster\/(config(\/|$)|control\/config\/(apply|undo)$|status\/config\/change$)/;

export function createModbusMaster(resources: Pick<Resources, 'read' | 'write' | 'handle'>): ModbusMaster {
  /** What has changed since the last time, each with the value that is in use. */
  const inUse = new Map<string, unknown>();

  function change(method: string, fullPath: string, requestBody: unknown): ApiAnswer {
    const path = pathOf(fullPath);
    const collection = templateOf(path)?.isItem ? parentOf(path) : path;
    const before = resources.read(collection);
    const answer = resources.handle(method, fullPath, requestBody);
    if (answer.status < 300 && !inUse.has(collection)) inUse.set(collection, before);
    return answer;
  }

  return {
    handle(method, fullPath, requestBody) {
      const path = pathOf(fullPath);
      if (path === HAS_CHANGED) return { status: 200, payload: { data: { result: inUse.size > 0 ? 1 : 0 } } };
      if (path !== APPLY && path !== UNDO)
        return method === 'GET'
          ? resources.handle(method, fullPath, requestBody)
          : change(method, fullPath, requestBody);
      if (path === UNDO) for (const [changed, value] of inUse) resources.write(changed, value);
      inUse.clear();
      return resources.handle(method, fullPath, requestBody);
    },
  };
}

function pathOf(fullPath: string): string {
  return fullPath.split('?')[0] ?? '';
}

import { createContext, Script } from 'node:vm';

const context: { work?: () => unknown } = {};
createContext(context);
const script = new Script('work()');

/** What ran out of time. */
export const TOO_SLOW = Symbol('too slow');

/**
 * Runs `work`, which waits for nothing, for so long at most: schemas and patterns that users wrote may take for ever. It is
 * stopped wherever it is, in the middle of a regular expression too. Throws what it throws.
 */
export function withinTime<T>(ms: number, work: () => T): T | typeof TOO_SLOW {
  context.work = work;
  try {
    return script.runInContext(context, { timeout: ms });
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return TOO_SLOW;
    throw error;
  } finally {
    delete context.work;
  }
}

import { shallowReactive } from 'vue';
import type { Rpc } from '../../client/composables/use-rpc.js';

/** The names of operations that were asked for, by id; null while an answer is awaited, and for those that have left the catalogue. */
const names = shallowReactive(new Map<string, string | null>());

/**
 * Gives the name of an operation by its id, or the id until its name is known. Each is asked for once, since the whole catalogue is larger
 * than all else that a page of jobs shows.
 */
export function operationNames({ call }: Rpc): (id: string) => string {
  return (id) => {
    if (!names.has(id)) {
      names.set(id, null);
      call('commands.operation', { id }).then(
        ({ name }) => names.set(id, name),
        () => undefined,
      );
    }
    return names.get(id) ?? id;
  };
}

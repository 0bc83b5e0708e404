import { shallowReactive } from 'vue';
import type { Operation } from '../../../manager/catalogue/operation.js';
import { useTaskWords } from '../../client/composables/catalogue-words.js';
import type { Rpc } from '../../client/composables/use-rpc.js';

type Named = Pick<Operation, 'id' | 'name' | 'path'>;

/** The operations that were asked for, by id; null while an answer is awaited, and for those that have left the catalogue. */
const known = shallowReactive(new Map<string, Named | null>());

/**
 * Gives by the id of an operation what it does, or the id until that is known. Each is asked for once, since the whole catalogue is larger
 * than all else that a page of jobs shows. Call it in setup.
 */
export function operationNames({ call }: Rpc): (id: string) => string {
  const { taskAlone } = useTaskWords();
  return (id) => {
    if (!known.has(id)) {
      known.set(id, null);
      call('commands.operation', { id }).then(
        ({ name, path }) => known.set(id, { id, name, path }),
        () => undefined,
      );
    }
    const found = known.get(id) ?? null;
    return found === null ? id : taskAlone(found);
  };
}

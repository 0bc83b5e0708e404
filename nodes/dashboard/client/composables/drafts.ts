import { onBeforeUnmount, type Ref, ref, watch } from 'vue';
import { isSecretName } from '../../../manager/shared/secret-names.js';
import { useMe } from './use-me.js';
import { useRpc } from './use-rpc.js';

/** What a person has typed in a form and not sent yet. */
export interface Draft {
  /** True while the form shows what was typed before it was made anew. */
  isRestored: Ref<boolean>;
  /** Forgets it, once it was sent. */
  forget(): void;
  /** Forgets it, and empties the form. */
  discard(): void;
}

const PREFIX = 'tpedm-draft';
const PAUSE_MS = 300;
/** A longer draft is not kept, so that the browser's store has room for the others. */
const MAX_LENGTH = 300_000;

/**
 * Keeps what is typed in a form until it is sent, so that a reload, a deploy and a restart of Node-RED lose nothing of it: in the tab alone, for
 * the account alone, and never what has the name of a secret. `typed` is the reactive object of the form as it begins. Call it in setup.
 */
export function useDraft<Form extends object>(place: string, typed: Form): Draft {
  const { id, isKnown } = useMe(useRpc());
  const pristine = textOf(typed);
  const isRestored = ref(false);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const keyOf = () => `${PREFIX} ${id.value ?? ''} ${place}`;

  const store = () => {
    clearTimeout(timer);
    timer = undefined;
    const text = textOf(typed);
    if (text === pristine || text.length > MAX_LENGTH) return remove();
    inStore((kept) => kept.setItem(keyOf(), text));
  };
  const remove = () => {
    clearTimeout(timer);
    timer = undefined;
    inStore((kept) => kept.removeItem(keyOf()));
  };

  watch(
    isKnown,
    (known) => {
      if (!known) return;
      const text = inStore((kept) => kept.getItem(keyOf()));
      // What somebody is typing already is newer.
      if (!text || textOf(typed) !== pristine) return;
      const given = formIn<Form>(text);
      if (given === null) return remove();
      Object.assign(typed, given);
      isRestored.value = true;
    },
    { immediate: true },
  );
  watch(typed, () => {
    clearTimeout(timer);
    timer = setTimeout(store, PAUSE_MS);
  });
  onBeforeUnmount(() => {
    if (timer !== undefined) store();
  });

  const forget = () => {
    isRestored.value = false;
    remove();
  };
  return {
    isRestored,
    forget,
    discard() {
      Object.assign(typed, JSON.parse(pristine));
      forget();
    },
  };
}

/** A form as text, without what has the name of a secret. A number that JSON cannot hold is kept as its digits. */
function textOf(form: object): string {
  return JSON.stringify(form, (name, value: unknown) => {
    if (isSecretName(name)) return undefined;
    return typeof value === 'bigint' ? String(value) : value;
  });
}

function formIn<Form>(text: string): Partial<Form> | null {
  try {
    const given: unknown = JSON.parse(text);
    return typeof given === 'object' && given !== null && !Array.isArray(given)
      ? (given as Partial<Form>)
      : null;
  } catch {
    return null;
  }
}

/** A browser may refuse its store, or have no room in it; then drafts are not kept. */
function inStore<Result>(work: (store: Storage) => Result): Result | null {
  try {
    return work(window.sessionStorage);
  } catch {
    return null;
  }
}

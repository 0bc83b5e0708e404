import { computed, onBeforeUnmount, onMounted, type Ref, ref, watch } from 'vue';
import { exactJson } from '../../../manager/shared/exact-json.js';
import { type DraftParts, draftText, formOf } from './draft-text.js';
import { useUnsaved } from './leaving.js';
import { afterPause } from './settled.js';
import { useMe } from './use-me.js';
import { type Rpc, useRpc } from './use-rpc.js';

/** What a person has typed in a form and not sent yet. */
export interface Draft {
  /** True once it is known whether something was kept, and the form has it. */
  isReady: Ref<boolean>;
  /** True while the form shows what was typed before it was made anew. */
  isRestored: Ref<boolean>;
  /** Whether secrets were typed that are not kept, so that they have to be typed again. */
  lacksSecrets: Ref<boolean>;
  /** Forgets it, once it was sent. */
  forget(): void;
  /** Forgets it, and empties the form. */
  discard(): void;
}

const PREFIX = 'tpedm-draft';
/** A longer draft is not kept, so that the browser's store has room for the others. */
const MAX_LENGTH = 300_000;

/**
 * Keeps what is typed in a form until it is sent, so that a reload, a deploy and a restart of Node-RED lose nothing of it: in the tab alone, for
 * the account alone, and never what has the name of a secret. `typed` is the reactive object of the form as it begins. Call it in setup, of a
 * dialog in that of what is within it, which comes and goes with it. `rpc`: of the widget itself, which cannot ask for its own.
 */
export function useDraft<Form extends object>(
  place: string,
  typed: Form,
  parts: DraftParts = {},
  rpc: Rpc = useRpc(),
): Draft {
  const { id, isKnown } = useMe(rpc);
  const beginning = exactJson(typed);
  const { text: pristine } = draftText(typed, parts);
  const isReady = ref(false);
  const isRestored = ref(false);
  const lacksSecrets = ref(false);
  const key = () => keyOf(id.value, place);

  let isStored = true;
  let isChanged = false;
  useUnsaved(() => {
    if (!isChanged) return false;
    const { text, lacksSecrets: lacks } = draftText(typed, parts);
    return lacks || (text !== pristine && (text.length > MAX_LENGTH || !isStored));
  });

  const pause = afterPause(store);
  // A reload ends the page at once.
  onMounted(() => window.addEventListener('pagehide', pause.flush));
  onBeforeUnmount(() => {
    window.removeEventListener('pagehide', pause.flush);
    pause.flush();
  });

  function store() {
    const { text, lacksSecrets: lacks } = draftText(typed, parts);
    if (text === pristine || text.length > MAX_LENGTH) return remove();
    const kept = `{"lacksSecrets":${lacks},"form":${text}}`;
    isStored = inStore((storage) => storage.setItem(key(), kept)) !== null;
  }
  const remove = () => {
    pause.cancel();
    inStore((kept) => kept.removeItem(key()));
  };
  const restore = () => {
    const text = inStore((kept) => kept.getItem(key()));
    // What somebody is typing already is newer.
    if (!text || draftText(typed, parts).text !== pristine) return;
    const kept = formOf<{ form: Partial<Form>; lacksSecrets: boolean }>(text);
    if (kept?.form === undefined) return remove();
    Object.assign(typed, kept.form);
    lacksSecrets.value = kept.lacksSecrets === true;
    isRestored.value = true;
  };

  watch(
    isKnown,
    (known) => {
      if (!known) return;
      restore();
      isReady.value = true;
    },
    { immediate: true },
  );
  watch(typed, () => {
    isChanged = true;
    pause.ask();
  });

  const forget = () => {
    isRestored.value = false;
    isChanged = false;
    remove();
  };
  return {
    isReady,
    isRestored,
    lacksSecrets,
    forget,
    discard() {
      for (const name of Object.keys(typed)) (typed as Record<string, unknown>)[name] = undefined;
      Object.assign(typed, formOf<Form>(beginning));
      forget();
    },
  };
}

/** Whether something is kept of a form that is not shown yet. Call it in setup. */
export function useKept(place: () => string): Readonly<Ref<boolean>> {
  const { id, isKnown } = useMe(useRpc());
  return computed(() => isKnown.value && inStore((kept) => kept.getItem(keyOf(id.value, place()))) !== null);
}

function keyOf(account: string | null, place: string): string {
  return `${PREFIX} ${account ?? ''} ${place}`;
}

/** A browser may refuse its store, or have no room in it; then drafts are not kept. */
function inStore<Result>(work: (store: Storage) => Result): Result | null {
  try {
    return work(window.sessionStorage);
  } catch {
    return null;
  }
}

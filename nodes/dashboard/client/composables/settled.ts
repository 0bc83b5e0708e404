import { getCurrentScope, onScopeDispose, type Ref, ref, shallowRef, watch } from 'vue';

const PAUSE_MS = 300;

/** Something that is done once nobody has asked for it for a moment. */
export interface Pause {
  /** Asks for it, in place of what was asked for before; after `ms` in place of the usual time. */
  ask(ms?: number): void;
  /** Takes back what was asked for. */
  cancel(): void;
  /** Does at once what was asked for; nothing otherwise. */
  flush(): void;
}

/** Does `work` when nothing has changed for a moment, so that not each letter is sent. It ends with the component; call it in setup. */
export function afterPause(work: () => unknown, pauseMs = PAUSE_MS): Pause {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const cancel = () => {
    clearTimeout(timer);
    timer = undefined;
  };
  const now = () => {
    cancel();
    void work();
  };
  if (getCurrentScope() !== undefined) onScopeDispose(cancel);
  return {
    ask(ms = pauseMs) {
      clearTimeout(timer);
      timer = setTimeout(now, ms);
    },
    cancel,
    flush() {
      if (timer !== undefined) now();
    },
  };
}

/** The value as it is when nothing has changed for a moment. Call it in setup. */
export function settled<Value>(value: () => Value): Readonly<Ref<Value>> {
  const kept = shallowRef(value());
  const pause = afterPause(() => {
    kept.value = value();
  });
  watch(
    () => JSON.stringify(value()),
    () => pause.ask(),
  );
  return kept;
}

/**
 * The text of a search field that narrows something: `take` gets it, without outer spaces, when nothing was typed for a moment. It follows
 * `value`, which a link, the browser's way back or another field may change. Call it in setup.
 */
export function typedSearch(value: () => string, take: (text: string) => void): Ref<string | null> {
  // A field that can be cleared gives null.
  const typed = ref<string | null>(value());
  const trimmed = () => (typed.value ?? '').trim();
  const pause = afterPause(() => {
    if (trimmed() !== value()) take(trimmed());
  });
  watch(typed, () => pause.ask());
  watch(value, (now) => {
    if (now !== trimmed()) typed.value = now;
  });
  return typed;
}

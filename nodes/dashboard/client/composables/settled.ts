import { onBeforeUnmount, type Ref, shallowRef, watch } from 'vue';

const PAUSE_MS = 300;

/** The value as it is when nothing has changed for a moment, so that not each letter is asked for. Call it in setup. */
export function settled<Value>(value: () => Value): Readonly<Ref<Value>> {
  const kept = shallowRef(value());
  let timer: ReturnType<typeof setTimeout> | undefined;
  watch(
    () => JSON.stringify(value()),
    () => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        kept.value = value();
      }, PAUSE_MS);
    },
  );
  onBeforeUnmount(() => clearTimeout(timer));
  return kept;
}

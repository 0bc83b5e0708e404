import { readonly, ref } from 'vue';

const TICK_MS = 5000;
const now = ref(Date.now());
setInterval(() => {
  now.value = Date.now();
}, TICK_MS);

/** ms since the epoch, some seconds exact: what is shown by it changes by itself. */
export const clock = readonly(now);

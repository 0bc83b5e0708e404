import { readonly, ref } from 'vue';

const TICK_MS = 5000;
const now = ref(Date.now());
setInterval(() => {
  now.value = Date.now();
}, TICK_MS);

/** The current time, ms since the epoch, updated every 5 s. Texts that use it update by themselves. */
export const clock = readonly(now);
